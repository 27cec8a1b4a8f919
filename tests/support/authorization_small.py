"""One docking event in which one account may do everything, for generated requests."""

from support.authorization import World, join, meet, take_place, things_of
from support.inside import Inside
from support.story import Story


async def build_small(inside: Inside) -> dict[str, str]:
    """One docking event in which alpha met bravo; the administrator may do everything in it.

    The administrator organizes it, analyses it, and takes part in it for alpha.

    Returns:
        The ids of alpha's things.
    """
    world, story = World(inside), Story(inside.administrator)
    await story.open_tenant()
    await take_place(world, story, "alpha", "bravo")
    await meet(world, story, ("alpha", "bravo"))
    assert story.organizer
    me = await inside.administrator.get("registration/v1/me")
    await join(story, "alpha", {"email": me["email"], "zone": "Asia/Shanghai"})
    roles = f"registration/v1/tenants/{story.tenant['id']}/roles"
    for role in ("organizer", "analyst"):
        await inside.administrator.post(roles, {"email": me["email"], "role": role})
    others = await story.register_organization("others", "KZ", "Others", "Others")
    return {
        **await things_of(world, story, "alpha", "alpha->bravo"),
        "partner_id": story.participations["bravo"]["id"],
        "partner_organization_id": story.organizations["bravo"]["id"],
        "partner_profile_id": story.profiles["bravo.published"]["id"],
        "new_organization_id": others["id"],
    }
