"""A program that is slow after a rest: once, and again when nobody asked it for a while."""

from beeldpas.demo.relay import slow_after_rest


def test_the_first_request_after_a_rest_is_held_and_nothing_else() -> None:
    now = 0.0
    hold = slow_after_rest("/asked", 6.0, 600.0, lambda: now)
    assert hold(b"POST /preview HTTP/1.1") == 0.0
    assert [hold(b"POST /asked HTTP/1.1") for _ in range(3)] == [6.0, 0.0, 0.0]
    now = 599.0
    assert hold(b"POST /asked HTTP/1.1") == 0.0
    now = 1199.0
    assert hold(b"POST /asked HTTP/1.1") == 6.0
