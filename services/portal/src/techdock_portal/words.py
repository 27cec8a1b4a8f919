"""The vocabulary of the pages: every state and code with its word, tone and icon.

`P_` marks a word together with its context, because one English word may need several in
another language (a meeting is held, a session is held).
"""

from dataclasses import dataclass

from techdock_portal.i18n import Language


def P_(context: str, message: str) -> tuple[str, str]:  # noqa: N802 - marker of the catalogues
    """Mark a word of a vocabulary for the catalogues."""
    return context, message


@dataclass(frozen=True, slots=True)
class State:
    """How a state is shown: word, tone (ok, warn, bad, accent or plain), icon."""

    word: tuple[str, str]
    tone: str
    icon: str


STATES: dict[str, dict[str, State]] = {
    "docking_event": {
        "draft": State(P_("docking event", "Draft"), "warn", "pencil"),
        "announced": State(P_("docking event", "Announced"), "accent", "speakerphone"),
        "open": State(P_("docking event", "Open for applications"), "ok", "door-enter"),
        "running": State(P_("docking event", "Running"), "ok", "player-play"),
        "held": State(P_("docking event", "Held"), "accent", "circle-check"),
        "closed": State(P_("docking event", "Closed"), "", "archive"),
        "cancelled": State(P_("docking event", "Cancelled"), "bad", "ban"),
    },
    "session": {
        "planned": State(P_("session", "Planned"), "accent", "calendar-time"),
        "held": State(P_("session", "Held"), "ok", "circle-check"),
        "cancelled": State(P_("session", "Cancelled"), "bad", "ban"),
    },
    "participation": {
        "applied": State(P_("participation", "Applied"), "warn", "clock"),
        "vetted": State(P_("participation", "Vetted"), "accent", "eye-check"),
        "confirmed": State(P_("participation", "Confirmed"), "ok", "circle-check"),
        "refused": State(P_("participation", "Refused"), "bad", "x"),
        "withdrawn": State(P_("participation", "Withdrawn"), "", "arrow-back-up"),
    },
    "profile": {
        "draft": State(P_("profile", "Draft"), "warn", "pencil"),
        "submitted": State(P_("profile", "Submitted"), "accent", "send"),
        "published": State(P_("profile", "Published"), "ok", "circle-check"),
        "withdrawn": State(P_("profile", "Withdrawn"), "", "arrow-back-up"),
        "expired": State(P_("profile", "Expired"), "", "clock-off"),
    },
    "request": {
        "sent": State(P_("request", "Waiting for an answer"), "accent", "send"),
        "countered": State(P_("request", "Another proposal"), "warn", "arrows-exchange"),
        "accepted": State(P_("request", "Accepted by both sides"), "ok", "circle-check"),
        "declined": State(P_("request", "Declined"), "bad", "x"),
        "withdrawn": State(P_("request", "Taken back"), "", "arrow-back-up"),
        "expired": State(P_("request", "Not answered in time"), "", "clock-off"),
        "placed": State(P_("request", "In the timetable"), "ok", "calendar-check"),
        "unplaced": State(P_("request", "No place found yet"), "warn", "calendar-x"),
        "cancelled": State(P_("request", "Cancelled"), "bad", "ban"),
    },
    "proposal": {
        "drafted": State(P_("proposal", "Not sent yet"), "warn", "pencil"),
        "waiting": State(P_("proposal", "Waiting for two times yes"), "accent", "send"),
        "agreed": State(P_("proposal", "Agreed"), "ok", "circle-check"),
        "not_agreed": State(P_("proposal", "Not agreed"), "", "x"),
    },
    "meeting": {
        "booked": State(P_("meeting", "Booked"), "accent", "calendar-check"),
        "moved": State(P_("meeting", "Moved"), "warn", "clock-edit"),
        "held": State(P_("meeting", "Held"), "ok", "circle-check"),
        "no_show": State(P_("meeting", "No-show"), "bad", "user-x"),
        "cancelled": State(P_("meeting", "Cancelled"), "bad", "ban"),
    },
    "run": {
        "requested": State(P_("run", "Waiting for a free worker"), "accent", "clock"),
        "waiting": State(P_("run", "Waiting for a free worker"), "accent", "clock"),
        "running": State(P_("run", "Running"), "accent", "loader-2"),
        "stopping": State(P_("run", "Stopping with the best so far"), "accent", "player-stop"),
        "done": State(P_("run", "Done"), "ok", "circle-check"),
        "cancelled": State(P_("run", "Stopped"), "", "player-stop"),
        "failed": State(P_("run", "Failed"), "bad", "alert-triangle"),
    },
    "timetable": {
        "draft": State(P_("timetable", "Draft"), "warn", "pencil"),
        "published": State(P_("timetable", "Published"), "ok", "circle-check"),
        "superseded": State(P_("timetable", "Superseded"), "", "history"),
    },
    "mail": {
        "planned": State(P_("mail", "Planned"), "", "clock"),
        "sending": State(P_("mail", "Being sent"), "accent", "loader-2"),
        "sent": State(P_("mail", "Sent"), "ok", "circle-check"),
        "kept": State(P_("mail", "Kept on this page"), "ok", "inbox"),
        "failed": State(P_("mail", "Failed"), "bad", "alert-triangle"),
    },
    "stage": {
        "declared": State(P_("stage", "Unconfirmed: one side says so"), "warn", "clock"),
        "confirmed": State(P_("stage", "Confirmed by all sides"), "ok", "circle-check"),
        "disputed": State(P_("stage", "Disputed"), "bad", "alert-triangle"),
    },
    "text": {
        "human": State(P_("text", "Written by a person"), "", "user-edit"),
        "machine": State(P_("text", "Machine translation"), "warn", "robot"),
        "approved": State(P_("text", "Approved"), "ok", "circle-check"),
        "original": State(P_("text", "Original"), "accent", "flag"),
    },
    "letter": {
        "open": State(P_("dead letter", "Waiting"), "bad", "alert-triangle"),
        "replayed": State(P_("dead letter", "Handled again"), "ok", "circle-check"),
        "discarded": State(P_("dead letter", "Discarded"), "", "ban"),
    },
}

CODES: dict[str, dict[str, tuple[str, str]]] = {
    "organization_kind": {
        "enterprise": P_("organization", "Enterprise"),
        "institute": P_("organization", "Research institute"),
        "university": P_("organization", "University"),
        "park": P_("organization", "Technology park"),
        "incubator": P_("organization", "Incubator"),
        "joint_laboratory": P_("organization", "Joint laboratory"),
        "transfer_center": P_("organization", "Technology-transfer centre"),
        "association": P_("organization", "Association"),
        "authority": P_("organization", "Public authority"),
        "investor": P_("organization", "Investor"),
        "broker": P_("organization", "Broker"),
    },
    "organization_size": {
        "micro": P_("size", "Micro, under 10 people"),
        "small": P_("size", "Small, 10 to 49 people"),
        "medium": P_("size", "Medium, 50 to 249 people"),
        "large": P_("size", "Large, 250 people or more"),
    },
    "session_kind": {
        "plenary": P_("session", "Plenary"),
        "panel": P_("session", "Panel"),
        "themed": P_("session", "Themed"),
        "closed_roundtable": P_("session", "Closed roundtable"),
        "showcase": P_("session", "Showcase"),
        "training": P_("session", "Training"),
        "matchmaking": P_("session", "Matchmaking"),
    },
    "visibility": {
        "public": P_("visibility", "Everybody"),
        "registered": P_("visibility", "Confirmed participants"),
        "invited": P_("visibility", "The invited only"),
    },
    "venue_kind": {
        "main": P_("venue", "Main venue"),
        "sub_venue": P_("venue", "Sub-venue"),
        "online": P_("venue", "Online"),
    },
    "equipment": {
        "video_link": P_("table", "Video link"),
        "booth": P_("table", "Booth"),
    },
    "organizer_role": {
        "host": P_("organizer", "Host"),
        "undertaker": P_("organizer", "Undertaker"),
        "co_organizer": P_("organizer", "Co-organizer"),
        "supporter": P_("organizer", "Supported by"),
    },
    "person_role": {
        "head": P_("person", "Head of the delegation"),
        "member": P_("person", "Member"),
        "broker": P_("person", "Broker"),
        "adviser": P_("person", "Adviser"),
        "interpreter": P_("person", "Interpreter"),
    },
    "mode": {
        "on_site": P_("mode", "On site"),
        "remote": P_("mode", "Remote"),
    },
    "account_role": {
        "administrator": P_("account", "Administrator"),
        "organizer": P_("account", "Organizer"),
        "analyst": P_("account", "Ministry analyst"),
        "participant": P_("account", "Participant"),
    },
    "kind": {
        "need": P_("profile", "Technology need"),
        "offer": P_("profile", "Technology offer"),
    },
    "stage": {
        "intention": P_("stage", "Intention"),
        "agreement": P_("stage", "Agreement"),
        "contract": P_("stage", "Contract"),
        "landed": P_("stage", "Landed"),
        "verified": P_("stage", "Verified"),
    },
    "contract": {
        "development": P_("contract", "Technology development"),
        "transfer": P_("contract", "Technology transfer"),
        "licence": P_("contract", "Licence"),
        "consulting": P_("contract", "Consulting"),
        "service": P_("contract", "Technical service"),
    },
    "cooperation": {
        "licence": P_("cooperation", "Licence"),
        "joint_research": P_("cooperation", "Joint research"),
        "joint_venture": P_("cooperation", "Joint venture"),
        "technical_cooperation": P_("cooperation", "Technical cooperation"),
        "service": P_("cooperation", "Service"),
        "manufacturing": P_("cooperation", "Manufacturing"),
        "investment": P_("cooperation", "Investment"),
        "training": P_("cooperation", "Training"),
        "shared_equipment": P_("cooperation", "Shared equipment"),
        "shared_data": P_("cooperation", "Shared data"),
    },
    "ipr_status": {
        "granted": P_("rights", "Patent granted"),
        "applied": P_("rights", "Patent applied for"),
        "secret_know_how": P_("rights", "Secret know-how"),
        "copyright": P_("rights", "Copyright"),
        "none": P_("rights", "No protection"),
    },
    "climate": {
        "arid": P_("climate", "Arid"),
        "semi_arid": P_("climate", "Semi-arid"),
        "temperate": P_("climate", "Temperate"),
        "continental": P_("climate", "Continental"),
        "tropical": P_("climate", "Tropical"),
        "cold": P_("climate", "Cold"),
        "high_altitude": P_("climate", "High altitude"),
    },
    "water": {
        "fresh": P_("water", "Fresh"),
        "brackish": P_("water", "Brackish"),
        "saline": P_("water", "Saline"),
        "recycled": P_("water", "Recycled"),
        "scarce": P_("water", "Scarce"),
    },
    "power": {
        "grid": P_("power", "Grid"),
        "weak_grid": P_("power", "Weak grid"),
        "off_grid": P_("power", "Off grid"),
        "solar": P_("power", "Solar"),
    },
    "skill_level": {
        "basic": P_("skill", "Basic"),
        "trained": P_("skill", "Trained"),
        "specialist": P_("skill", "Specialist"),
    },
    "price_band": {
        "low": P_("price", "Low"),
        "middle": P_("price", "Middle"),
        "high": P_("price", "High"),
    },
    "certificates": {
        "iso_9001": P_("certificate", "ISO 9001"),
        "iso_22000": P_("certificate", "ISO 22000"),
        "ce": P_("certificate", "CE"),
        "eac": P_("certificate", "EAC"),
        "halal": P_("certificate", "Halal"),
        "gmp": P_("certificate", "GMP"),
        "gost": P_("certificate", "GOST"),
        "gb": P_("certificate", "GB"),
        "ccc": P_("certificate", "CCC"),
    },
    "disclosure": {
        "open": P_("disclosure", "All participants"),
        "accepted": P_("disclosure", "After acceptance"),
        "nda": P_("disclosure", "After an NDA"),
    },
    "mail_reason": {
        "invitation": P_("mail", "Invitation"),
        "sign_in_link": P_("mail", "Sign-in link"),
        "request_received": P_("mail", "Somebody asks for a meeting"),
        "request_answered": P_("mail", "A request was answered"),
        "timetable_published": P_("mail", "The timetable is out"),
        "meeting_moved": P_("mail", "A meeting moved"),
    },
    "dismissal": {
        "not_fitting": P_("dismissal", "It does not fit"),
        "known": P_("dismissal", "We know each other already"),
        "competitor": P_("dismissal", "A competitor"),
        "too_early": P_("dismissal", "Too early a stage for us"),
        "too_late": P_("dismissal", "Too far along for us"),
        "country": P_("dismissal", "Not this country"),
        "field": P_("dismissal", "Not this field"),
        "other": P_("dismissal", "Another reason"),
    },
    "consent": {
        "contacts": P_("consent", "My contacts may be shown after both sides accepted a meeting"),
        "mail": P_("consent", "Techdock may write to me about my meetings"),
        "statistics": P_("consent", "My attendance may be counted in totals"),
    },
    "import_kind": {
        "organizations": P_("import", "Organizations"),
        "participations": P_("import", "Participations"),
        "needs": P_("import", "Needs"),
        "offers": P_("import", "Offers"),
    },
    "strength": {
        "strong": P_("match", "Strong match"),
        "good": P_("match", "Good match"),
        "possible": P_("match", "Possible match"),
    },
    "direction": {
        "out": P_("direction", "From the host country"),
        "in": P_("direction", "To the host country"),
        "both": P_("direction", "Both ways"),
    },
}

TEXT_FIELDS = (
    "title", "summary", "description", "advantages", "stage_comment", "ipr_comment",
    "partner_sought",
)  # fmt: skip
STEPS = {"strong": 3, "good": 2, "possible": 1}
STAGES = ("intention", "agreement", "contract", "landed", "verified")
SESSION_ICONS = {
    "plenary": "microphone-2",
    "panel": "users-group",
    "themed": "messages",
    "closed_roundtable": "lock",
    "showcase": "presentation",
    "training": "school",
    "matchmaking": "arrows-left-right",
}


def label(language: Language, list_: str, code: object) -> str:
    """Return the word for a code of a list; a code that we do not know stands for itself."""
    word = CODES.get(list_, {}).get(str(code))
    return language.word(*word) if word else str(code or "")


def labels(language: Language, list_: str, codes: object) -> str:
    """Return the words for several codes, as a list in words."""
    given = codes if isinstance(codes, list | tuple) else [codes] if codes else []
    return language.listed([label(language, list_, code) for code in given])


def choices(language: Language, list_: str) -> list[tuple[str, str]]:
    """Return the codes of a list with their words, for a form."""
    return [(code, language.word(*word)) for code, word in CODES[list_].items()]


def state(kind: str, code: object) -> State:
    """Return how a state is shown; one that we do not know is shown as it is."""
    known = STATES.get(kind, {}).get(str(code))
    return known or State((kind, str(code or "")), "", "point")
