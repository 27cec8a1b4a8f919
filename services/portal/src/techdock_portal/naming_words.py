"""Words for what in a text names somebody, by the stable codes of registration."""

from techdock_portal.words import P_

KINDS = {
    "person": P_("name", "Person"),
    "organization": P_("name", "Organization"),
    "brand": P_("name", "Brand or product"),
    "place": P_("name", "Place"),
    "web": P_("name", "Web address"),
    "mail": P_("name", "Mail address"),
    "phone": P_("name", "Phone number"),
    "patent": P_("name", "Patent number"),
    "handle": P_("name", "Account"),
}
WHY = {
    "person_title": P_("name", "A title with a name says who the person is."),
    "person_label": P_("name", "A name stands after a word such as contact or inventor."),
    "person_form": P_("name", "It is written as a personal name: initials or a patronymic."),
    "person_known": P_("name", "A person of your organization has this name."),
    "organization_form": P_("name", "A legal form with a name says which company it is."),
    "organization_name": P_("name", "It names an institute, a university, works or a group."),
    "organization_own": P_("name", "It is the name of your own organization."),
    "brand_sign": P_("name", "It is marked as a trade mark."),
    "brand_label": P_("name", "It is the name of a product or brand."),
    "street": P_("name", "A street with a number says where you are."),
    "post": P_("name", "It is a postal address."),
    "coordinates": P_("name", "A point on the map says where the site is."),
    "web": P_("name", "The address leads to your organization."),
    "mail": P_("name", "Whoever reads it can write to you at once, and knows the domain."),
    "phone": P_("name", "Whoever reads it can call you at once."),
    "patent": P_("name", "The register of patents tells who owns it."),
    "handle": P_("name", "An account of a network or messenger shows who you are."),
}
