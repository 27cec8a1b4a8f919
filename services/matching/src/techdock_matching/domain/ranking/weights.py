"""The weights of a ranking: data, per docking event."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each named part counts, in standard deviations of the score; fit terms are bounded.

    Attributes:
        text: Of the texts, where two profiles share a language.
        codes: Of the codes and keywords, beside the texts.
        codes_alone: Of the codes and keywords, where no language is shared.
        trl: Most that the stage adds or takes.
        cooperation: The same for the forms of cooperation, and so on.
        strong: Least score of a strong match, thousandths.
        good: Least score of a good match, thousandths.
        possible: Least score at which a profile is listed at all, thousandths.
    """

    text: float = 1.0
    codes: float = 0.5
    codes_alone: float = 1.0
    trl: float = 1.0
    cooperation: float = 0.75
    language: float = 0.5
    partner_kind: float = 0.5
    climate: float = 0.5
    water: float = 0.5
    power: float = 0.5
    skill_level: float = 0.25
    price_band: float = 0.5
    certificates: float = 0.5
    ipr: float = 0.25
    strong: int = 10_000
    good: int = 6_000
    possible: int = 2_000

    @property
    def most_fit(self) -> float:
        """The most that all fit terms together add or take."""
        return (
            self.trl
            + self.cooperation
            + self.language
            + self.partner_kind
            + self.climate
            + self.water
            + self.power
            + self.skill_level
            + self.price_band
            + self.certificates
            + self.ipr
        )


STANDARD = Weights()
