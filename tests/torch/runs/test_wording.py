from sample_run import run, taken

from nonlin.torch.runs.dying import dying_units
from nonlin.torch.runs.wording import spoken


def test_dying_units_are_told_with_their_rate_and_a_forecast():
    # Three of 64 in every 100 steps; see test_dying.
    now = taken(700, (0, 21), count=64)
    (finding,) = dying_units(run(range(0, 21, 3), count=64), now, now.findings)
    assert spoken(finding, "en") == (
        "21 of 64 units are silent on every sample of the probe, and 30 more fall silent every "
        "1,000 steps (30 to 30; 97% interval, 8 readings from step 0 to 700). "
        "At this rate half of them are silent by step 1,067 (1,067 to 1,067). "
        "The learning rate is too high."
    )
    assert "1,067번째 스텝" in spoken(finding, "ko")
