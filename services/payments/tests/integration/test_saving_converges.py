"""Choices, open pages, payments and erasure in any order and number: what the provider keeps follows from them."""

import asyncio
import random
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from chassis_testing import Histories
from chassis_testing.harness import until
from contracts.event import Event
from contracts.orders import OrderPlaced
from uuid_utils.compat import uuid7

from .house import House
from .people import chosen, confirmed, destroyed, erased, registered, saved


@dataclass(frozen=True)
class Publication:
    """An event of accounts, with its position among all that accounts publishes."""

    event: Event
    name: UUID
    sequence: int


@dataclass(frozen=True)
class Opening:
    order: OrderPlaced


@dataclass(frozen=True)
class Payment:
    order: OrderPlaced


Step = Publication | Opening | Payment


@dataclass
class History:
    """One customer's choices and payments in the order in which they happen, often more than once."""

    orders: list[OrderPlaced]
    choices: list[tuple[int, bool]]
    key: UUID | None
    steps: list[Step]

    @property
    def keeps(self) -> bool:
        """What has been chosen in the end."""
        return max(self.choices)[1] and self.key is None


@dataclass
class Expected:
    """What the provider keeps when everything comes to rest after each step."""

    keeps: bool = False
    sequence: int = -1
    erased: bool = False
    saving: set[UUID] = field(default_factory=set[UUID])
    cards: int = 0

    def choose(self, sequence: int, *, keeps: bool) -> None:
        if sequence > self.sequence:
            self.keeps, self.sequence = keeps, sequence
            self.cards = self.cards if keeps else 0

    def erase(self) -> None:
        self.erased, self.cards = True, 0

    def open(self, order: UUID) -> None:
        if self.keeps and not self.erased:
            self.saving.add(order)

    def pay(self, order: UUID) -> None:
        if order in self.saving and self.keeps and not self.erased:
            self.cards += 1


async def history(house: House, dice: random.Random) -> History:
    first = house.order()
    orders = [first, house.order(customer=first.customer)]
    await house.harness.publish(*orders)
    choices = [True] + [dice.random() < 0.4 for _ in range(dice.randint(1, 3))]
    base = house.harness.next_sequence(len(choices) + 2)
    events: list[Event] = [registered(first, keep_data=True)]
    events += [chosen(house, first, keep_data=keep) for keep in choices[1:]]
    key = uuid4() if dice.random() < 0.3 else None
    if key is not None:
        events += [erased(house, first), destroyed(house, first, key)]
    steps: list[Step] = [Publication(event, uuid7(), base + at) for at, event in enumerate(events)]
    steps = [step for step in steps for _ in range(dice.choice((1, 1, 2)))]
    if dice.random() < 0.5:
        dice.shuffle(steps)
    for order in orders:
        opens = dice.randint(0, len(steps))
        steps.insert(opens, Opening(order))
        steps.insert(dice.randint(opens + 1, len(steps)), Payment(order))
    numbered = [(base + at, keep) for at, keep in enumerate(choices)]
    return History(orders, numbered, key, steps)


async def take(house: House, made: History, step: Step, pages: dict[UUID, str], expected: Expected) -> None:
    match step:
        case Publication(event, name, sequence):
            await house.harness.publish(event, event_id=name, sequence=sequence)
            choice = dict(made.choices).get(sequence)
            if choice is None:
                expected.erase()
            else:
                expected.choose(sequence, keeps=choice)
        case Opening(order):
            status, view = await house.ask_to_pay(order, save_card=True)
            if status == 502 and made.key is not None:
                # Erased while the page was being opened: whoever asks again pays as nobody.
                status, view = await house.ask_to_pay(order, save_card=True)
            assert status == 201, view
            pages[order.order] = view["url"]
            expected.open(order.order)
        case Payment(order):
            assert await house.pay(pages[order.order]) == 303
            expected.pay(order.order)


NOTHING_DUE = """
select not exists (
  select from customers
  where id = any($1)
    and (deletion_requested_at is not null and deleted_at is null
         or card_removals_requested > card_removals_done and not keep_data and provider_customer_id is not null
            and deletion_requested_at is null)
)
"""
ENDED = """
select provider_customer_id, deletion_requested_at is not null as erased, keep_data
from customers
where id = $1
"""


@dataclass
class Player:
    """A history as it happens, and what is expected of it."""

    made: History
    expected: Expected = field(default_factory=Expected)
    pages: dict[UUID, str] = field(default_factory=dict[UUID, str])
    paid: list[OrderPlaced] = field(default_factory=list[OrderPlaced])

    async def take(self, house: House, step: Step) -> None:
        await take(house, self.made, step, self.pages, self.expected)
        if isinstance(step, Payment):
            self.paid.append(step.order)

    async def check(self, house: House) -> None:
        """What the provider and we keep in the end."""
        left = await saved(house, *self.made.orders)
        assert left <= (len(self.made.orders) if self.made.keeps else 0), self.made.steps
        (row,) = await house.harness.sql(ENDED, self.made.orders[0].customer)
        assert (row["erased"], row["keep_data"]) == (self.made.key is not None, max(self.made.choices)[1])
        if self.made.key is not None:
            assert (row["provider_customer_id"], len(confirmed(house, self.made.key))) == (None, 1)


async def at_rest(house: House, players: list[Player]) -> None:
    for player in players:
        for order in player.paid:
            await house.published("PaymentCaptured", order)
    await house.harness.settled()
    customers = [player.made.orders[0].customer for player in players]

    async def nothing_due() -> bool:
        return (await house.harness.sql(NOTHING_DUE, customers))[0][0]

    await until(nothing_due, timeout=40)


async def step_by_step(house: House, histories: Histories, played: dict[int, Player]) -> None:
    """All take a step, and what the provider keeps after it follows from what was published so far."""
    for position in range(max(len(player.made.steps) for player in played.values())):
        now = {seed: player for seed, player in played.items() if position < len(player.made.steps)}

        async def take_one(seed: int, player: Player, position: int = position) -> None:
            with histories.naming(seed):
                await player.take(house, player.made.steps[position])

        await asyncio.gather(*(take_one(seed, player) for seed, player in now.items()))
        await at_rest(house, list(now.values()))
        for seed, player in now.items():
            with histories.naming(seed):
                assert await saved(house, *player.made.orders) == player.expected.cards, (position, player.made.steps)


async def all_at_once(house: House, histories: Histories, played: dict[int, Player]) -> None:
    """Nobody waits for anything."""

    async def play(seed: int, player: Player) -> None:
        with histories.naming(seed):
            for step in player.made.steps:
                await player.take(house, step)

    await asyncio.gather(*(play(seed, player) for seed, player in played.items()))
    await at_rest(house, list(played.values()))


@pytest.mark.parametrize("hurried", [False, True], ids=["step by step", "all at once"])
@pytest.mark.histories(10)
async def test_what_the_provider_keeps_follows_from_the_choices(  # PAY-11
    house: House, histories: Histories, hurried: bool
):
    made = {seed: await history(house, random.Random(f"{seed} {hurried}")) for seed in histories}
    await house.harness.settled()
    played = {seed: Player(one) for seed, one in made.items()}
    await (all_at_once if hurried else step_by_step)(house, histories, played)
    for seed, player in played.items():
        with histories.naming(seed):
            await player.check(house)
