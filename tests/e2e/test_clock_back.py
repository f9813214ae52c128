"""A device whose clock is set back goes on in a past that it has told already. It must not be blind there."""
import pytest

from story import BYPASS, METER, Plant, brief

OPEN = {"e10101": 20, "e10301": 0}


def set_back(by, opened, until=1500, mn=BYPASS):
    """From 300 s on the monitor's clock is so much behind; the damper opens at `opened` of everybody else's."""
    plant = Plant().live(0, 300)
    for second in range(300, until, 10):
        items = {**Plant.SHOWS[BYPASS], **(OPEN if second >= opened else {})}
        plant.frame(second, BYPASS, items, event=second - by if mn == BYPASS else None)
        plant.pack(second, METER, Plant.SHOWS[METER], event=second - by if mn == METER else None)
    return plant


@pytest.mark.parametrize("mn", (BYPASS, METER))
@pytest.mark.parametrize("by", (20, 60, 240))
def test_clock__set_back_is_no_way_to_blind_the_rules(by, mn):
    told = brief(set_back(by, opened=900, mn=mn).raised("bypass-damper-open"))
    assert [(a, b) for _, a, b, _ in told] == [("normal", "active-unack")]
    assert 960 <= told[0][0] <= 960 + 130  # a device's data that lags is judged on its own clock
