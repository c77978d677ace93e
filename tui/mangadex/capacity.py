"""How fast the uplink is, found out from how the kernel takes what is sent."""

from __future__ import annotations

from collections import deque


class Capacity:
    """How fast the uplink is, found out while it is used.

    Second by second: when the kernel made us wait, what lies before the line was full, and what it took is what the
    line can carry. When it did not, the line may carry more than that; now and then as much is tried as goes. A queue
    on the way takes more for a while without a wait, so a try is believed only after more than that queue holds.
    Every try in vain fills the queue, which others feel: so it is filled, measured and emptied quickly, and the next
    one comes later.
    """

    SPAN = 1.0
    """Seconds of sending that make one measurement."""
    _STEP = 0.5
    """The same while the speed is looked for, with the line full: others shall not feel it for long."""
    _FILLING = 3
    """Full steps before the first one that tells more than that a try is in vain: a connection has to get going, and
    fills the queue meanwhile."""
    _STEADY = 0.1
    """The last two full steps differ by no more than this share when neither happens any longer."""
    _SLOWER = 0.2
    """The step before them counts too if it is slower by no more: a request that ends or begins shows in a step."""
    _MOST_STEPS = 8
    """Steps after which the first measurement is taken as it is, and a try has told nothing."""
    _PAUSE = 0.05
    """Seconds without anything to send after which a full line is full no more."""
    _FULL = 0.4
    _NEARLY = 0.05
    """Share of a span that the kernel let us wait: surely full, and full if also slower than it was to be."""
    _TRY_EVERY, _TRY_SELDOM = 16, 64
    """Spans between two tries: at first, and after many in vain."""
    _BELIEVED = 1.25
    """How much more than the queue holds must go through without a wait before it is believed."""
    _GAIN = 1.15
    """A try was worth it when this much faster came out."""
    _DRAIN = 0.1
    """Part of our share that is used after the line was full, until what queued up has run off: the line is busy with
    that, so that little is lost."""
    _SURELY = 1.15
    """How much longer than that: what is left runs off slowly, and others wait behind it."""
    _DRAIN_AT_MOST = 2.0
    """Seconds of the line that are taken for queued."""

    def __init__(self) -> None:
        self.bytes_per_second = 0.0
        self._since: float | None = None
        self._rests_since = 0.0
        self._seconds = 0.0
        self._bytes = 0
        self._blocked = 0.0
        self._asked = 0.0
        """Bytes a second at which they were given; 0 for as fast as the kernel took them."""
        self._steps: deque[tuple[float, int]] = deque(maxlen=2 * self._MOST_STEPS)
        """Seconds and bytes of the steps since the speed is looked for."""
        self._full_spans = 0
        self._full_speed = 0.0
        """Of the last of them."""
        self._queue = 0.0
        """Bytes that the way to the line takes without a wait."""
        self._clear_at = 0.0
        """When what is queued of ours has run off; 0 when nothing is."""
        self._trying = False
        self._tried = 0
        """Steps, and pauses, of this try."""
        self._since_try = 0
        self._try_every = self._TRY_EVERY

    @property
    def known(self) -> bool:
        """Whether anything was measured yet."""
        return self.bytes_per_second > 0

    @property
    def looking(self) -> bool:
        """Whether we send as much as goes, to find out the speed."""
        return self._trying or not self.known

    @property
    def latest(self) -> float:
        """Bytes a second that the line took when it was full last, as one span tells it; 0 before the first."""
        return self._full_speed

    def share(self, share: float) -> float:
        """Bytes a second that leave the rest of the line to others; 0 for as many as go."""
        if self.looking:
            return 0.0
        return self.bytes_per_second * share * (self._DRAIN if self._clear_at else 1.0)

    def offered(self, now: float, rate: float) -> None:
        """A piece is about to be given to the kernel, at this rate; 0 for as fast as it takes it."""
        self._asked = rate
        if self._since is None:
            self._since = now
            if self._trying and now - self._rests_since > self._PAUSE:
                self._paused()

    def accepted(self, size: int, blocked: float, now: float) -> None:
        """The kernel took it, `blocked` seconds later."""
        self._bytes += size
        self._blocked += blocked
        self.rest(now)
        self._since = now
        if self._clear_at:
            if now >= self._clear_at:
                self._clear_at = 0.0
            self._begin_span()
        elif self._seconds >= (self._STEP if self.looking else self.SPAN):
            self._measured(self._seconds, self._bytes, self._blocked / self._seconds, now)
            self._begin_span()

    def rest(self, now: float) -> None:
        """Nothing is being sent: the time until something is does not count."""
        if self._since is not None:
            self._seconds += now - self._since
            self._rests_since = now
        self._since = None

    def _begin_span(self) -> None:
        self._seconds, self._bytes, self._blocked = 0.0, 0, 0.0

    def _paused(self) -> None:
        """There was nothing to send in the middle of a try, and the queue emptied: it takes more again."""
        self._begin_span()
        self._steps.clear()
        self._full_spans = 0
        self._tried += 1
        if self._tried >= self._MOST_STEPS:
            self._try_later()

    def _measured(self, seconds: float, size: int, waited: float, now: float) -> None:
        speed = size / seconds
        if self.looking:
            self._steps.append((seconds, size))
            self._tried += 1
        slower = speed < self._asked * 0.95
        if waited >= self._FULL or (slower and waited >= self._NEARLY):
            before, self._full_speed = self._full_speed, speed
            self._full_spans += 1
            told = self._told(speed, before)
            if told:
                self._full(told, now)
            return
        self._full_spans = 0
        if self._trying:
            self._went_through(speed)
        elif self.known:
            self._since_try += 1
            if self._since_try >= self._try_every:
                self._steps.clear()
                self._trying, self._tried = True, 0

    def _told(self, speed: float, before: float) -> float:
        """The speed of the line as this full span tells it, after one with the speed `before`; 0 for not yet. The
        first full span also filled the queue."""
        if self._full_spans < 2:
            return 0.0
        if not self.looking:
            return speed
        known = self.bytes_per_second
        if known and speed < known * self._GAIN:
            # In vain. What was known took longer to measure, and counts for more, or alone if the two do not agree.
            return (speed + 3 * known) / 4 if speed > known / self._GAIN else known
        if self._full_spans > self._FILLING and abs(speed - before) <= before * self._STEADY:
            return self._together(speed)
        if self._tried < self._MOST_STEPS:
            return 0.0
        return known or self._together(speed)

    def _together(self, speed: float) -> float:
        """The speed of the last steps together, the last of which had `speed`."""
        *_, before, one, last = (0.0, 0), *self._steps
        steps = [one, last]
        if before[0] and 1 - self._SLOWER < before[1] / before[0] / speed < 1 + self._STEADY:
            steps.append(before)
        return sum(size for _, size in steps) / sum(seconds for seconds, _ in steps)

    def _full(self, speed: float, now: float) -> None:
        """The line is full, and carries this."""
        in_vain = self._trying and speed < self.bytes_per_second * self._GAIN
        if in_vain or not self.known:
            self._queue = max(self._queue, self._swallowed(speed))
        # At most half of what it was: a line that hung for a moment has not become slow for good.
        self.bytes_per_second = max(speed, self.bytes_per_second / 2)
        queued = min(self._queue / self.bytes_per_second, self._DRAIN_AT_MOST)
        self._clear_at = now + queued * self._SURELY if queued else 0.0
        if in_vain:
            self._try_later()
        else:
            self._trying, self._since_try, self._try_every = False, 0, self._TRY_EVERY
        self._full_spans = 0

    def _swallowed(self, speed: float) -> float:
        """Bytes that a queue took in these steps, as far as it held them until now, when the line carries `speed`."""
        held = 0.0
        for seconds, size in self._steps:
            held = max(0.0, held + size - speed * seconds)
        return held

    def _went_through(self, speed: float) -> None:
        """A step of a try without a wait."""
        if self._swallowed(self.bytes_per_second) > self._queue * self._BELIEVED:
            self.bytes_per_second = speed
            self._steps.clear()
            self._tried = 0
        elif speed <= self.bytes_per_second or self._tried >= self._MOST_STEPS:
            self._try_later()  # there was not more to send, or too little at a time

    def _try_later(self) -> None:
        self._trying, self._since_try = False, 0
        self._try_every = min(self._TRY_SELDOM, 2 * self._try_every)
