"""Group rooms as product.md says they should be, in plain sets. People and companies are numbers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations


@dataclass
class Consent:
    """Section 1 of product.md: who may reach whom."""

    company_of: dict[int, int]
    on: set[int] = field(default_factory=set)
    approved_only: set[int] = field(default_factory=set)
    decided: dict[tuple[int, int], str] = field(default_factory=dict)
    chosen_only: set[int] = field(default_factory=set)
    chosen: set[int] = field(default_factory=set)
    inactive: set[int] = field(default_factory=set)
    # Who has blocked whom, since which step.
    blocks: dict[tuple[int, int], int] = field(default_factory=dict)

    def companies(self, people: Iterable[int]) -> set[int]:
        return {self.company_of[person] for person in people}

    def allows(self, company: int, partner: int) -> bool:
        decision = self.decided.get((company, partner), "policy")
        return company in self.on and (
            decision == "allow" or (decision, company in self.approved_only) == ("policy", False)
        )

    def is_open(self, one: int, other: int) -> bool:
        return self.allows(one, other) and self.allows(other, one)

    def open_pairs(self) -> set[frozenset[int]]:
        pairs = combinations(sorted(set(self.company_of.values())), 2)
        return {frozenset(pair) for pair in pairs if self.is_open(*pair)}

    def granted(self) -> set[int]:
        return {person for person, company in self.company_of.items() if self._has(person, company)}

    def _has(self, person: int, company: int) -> bool:
        chosen = company not in self.chosen_only or person in self.chosen
        return company in self.on and chosen and person not in self.inactive

    def together(self, people: Iterable[int]) -> bool:
        """Every pair of companies is linked and everyone is granted; colleagues need nothing."""
        people = set(people)
        companies = self.companies(people)
        linked = all(self.is_open(*pair) for pair in combinations(sorted(companies), 2))
        return len(companies) == 1 or (linked and people <= self.granted())

    def parted_by_block(self, one: int, others: Iterable[int]) -> bool:
        return any((one, other) in self.blocks or (other, one) in self.blocks for other in others)


@dataclass
class Said:
    """A message or a line in a room."""

    seq: int
    author: int | None
    step: int
    # Those who had blocked the author when it was said, or still had when they came: they never get it.
    hidden_from: set[int]
    today: bool = True


@dataclass
class RoomModel:
    """Who is in a room, since which step, and what each of them sees."""

    host: int
    joined: dict[int, int] = field(default_factory=dict)
    masters: set[int] = field(default_factory=set)
    # One of these became Master: they have been in the room for equally long.
    heirs: set[int] = field(default_factory=set)
    external: bool = False
    frozen: bool = False
    all_for_newcomers: bool = False
    said: list[Said] = field(default_factory=list)
    sees_from: dict[int, int] = field(default_factory=dict)
    read: dict[int, int] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return self.said[-1].seq if self.said else 0

    def join(self, people: Iterable[int], consent: Consent, *, step: int, sees_from: int) -> None:
        for person in people:
            self.joined[person] = step
            self.sees_from[person] = sees_from
            self.read[person] = self.last
            for said in self.visible_to(person):
                if said.author and said.step >= consent.blocks.get((person, said.author), step + 1):
                    said.hidden_from.add(person)

    def first_seen(self, history: str | None) -> int:
        history = history or ("all" if self.all_for_newcomers else "none")
        today = [said.seq for said in self.said if said.today]
        return {"all": 0, "none": self.last, "today": today[0] - 1 if today else self.last}[history]

    def visible_to(self, person: int) -> list[Said]:
        if person not in self.joined:
            return []
        return [s for s in self.said if s.seq > self.sees_from[person] and person not in s.hidden_from]

    def unread_of(self, person: int) -> int:
        seen = self.visible_to(person)
        return sum(s.author not in (None, person) and s.seq > self.read[person] for s in seen)

    def end(self, people: Iterable[int]) -> None:
        for person in people:
            del self.joined[person]
            self.masters.discard(person)

    def has_host(self, masters: Iterable[int], consent: Consent) -> bool:
        """Whether one of these is of the hosting company, and active."""
        return any(consent.company_of[pk] == self.host for pk in set(masters) - consent.inactive)

    def settle(self, consent: Consent) -> None:
        """What follows when people have gone: mastership passes on, an empty host freezes, guests make it external."""
        own = {person for person in self.joined if consent.company_of[person] == self.host}
        self.external = own != set(self.joined)
        self.frozen = self.frozen or bool(self.joined and not own)
        able = own - consent.inactive
        if able and not self.masters & able:
            longest = min(self.joined[person] for person in able)
            self.heirs = {person for person in able if self.joined[person] == longest}


def excluded(
    room: RoomModel, consent: Consent, *, closer: int, parted: set[int], lost: set[int], off: bool
) -> set[int]:
    """The table "When a right ends": who is put out of an External Group room."""
    if not room.external:
        return set()
    present = consent.companies(room.joined)
    gone = set()
    for person in room.joined:
        company = consent.company_of[person]
        as_guest_of_closer = room.host == closer and company in parted
        as_closing_guest = company == closer and room.host in parted
        beside_a_guest = company == closer != room.host and bool(present & parted - {room.host})
        keeps_own_room = off and company == closer == room.host
        if as_guest_of_closer or as_closing_guest or beside_a_guest or (person in lost and not keeps_own_room):
            gone.add(person)
    return gone
