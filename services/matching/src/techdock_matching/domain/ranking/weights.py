"""The weights of a ranking: data, per docking event."""

from dataclasses import dataclass

from techdock_matching.domain.ranking.match import Strength


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each named part counts, in standard deviations of the score; fit terms are bounded.

    Attributes:
        text: Of the texts, where two profiles share a language.
        concepts: Of the concepts that both name, where they share no language.
        codes: Of the codes and keywords, beside the texts.
        codes_alone: Of the codes and keywords, where neither language nor concept is shared.
        trl: Most that the stage adds or takes.
        cooperation: The same for the forms of cooperation, and so on.
        acceptance: Most that the willingness of both sides to meet adds or takes.
        most_kin: Most places among somebody's first ten that go to one organization, or to
            profiles that say nearly the same; a number, not a part of the score.
        strong: Least score of a strong match, thousandths.
        good: Least score of a good match, thousandths.
        possible: Least score of texts and codes at which a profile is listed at all, thousandths:
            fit alone makes no match.
    """

    text: float = 1.0
    concepts: float = 1.0
    codes: float = 0.5
    codes_alone: float = 1.0
    trl: float = 0.5
    cooperation: float = 0.4
    language: float = 0.3
    partner_kind: float = 0.2
    climate: float = 0.2
    water: float = 0.2
    power: float = 0.2
    skill_level: float = 0.1
    price_band: float = 0.2
    certificates: float = 0.2
    ipr: float = 0.2
    acceptance: float = 0.2
    most_kin: float = 3.0
    strong: int = 5_000
    good: int = 3_900
    possible: int = 1_500

    def strength(self, score: int) -> Strength:
        """Return the step on which a score stands."""
        if score >= self.strong:
            return Strength.STRONG
        return Strength.GOOD if score >= self.good else Strength.POSSIBLE


STANDARD = Weights()
