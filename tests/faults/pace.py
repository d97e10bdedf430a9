"""How patient a page is, in seconds."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Pace:
    """The constants of static/js/live.js, outbox.js and timeline/catchup.js.

    `answer_within` is less than `beat`, as each heartbeat waits anew. `under_way`: how many messages of one room may
    wait for their acknowledgement; more of them is more load.
    """

    beat: float = 10
    answer_within: float = 6
    connect_within: float = 10
    first_wait: float = 0.5
    longest_wait: float = 30
    ack_within: float = 8
    retry_after: float = 1
    ask_again_after: float = 2
    under_way: int = 1


# As in a browser.
REAL = Pace()
# For a cut that is sat out: as in a browser, but noticed and tried again sooner.
BRISK = replace(REAL, beat=4, answer_within=3, connect_within=3, longest_wait=6, ack_within=3)
# For faults in which the page's patience is not the matter.
QUICK = Pace(beat=2, first_wait=0.2, longest_wait=0.4, ack_within=4, retry_after=0.5, ask_again_after=0.5)
# For as much load as the server takes: messages come in batches, wait long, and sent again would only be more of them.
HASTY = replace(QUICK, under_way=20, ack_within=30)
