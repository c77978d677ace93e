"""How fast the uplink is, found out from how the kernel takes what is sent."""

from __future__ import annotations


class Capacity:
    """How fast the uplink is, found out while it is used.

    Second by second: when the kernel made us wait, what lies before the line was full, and what it took is what the
    line can carry. When it did not, the line may carry more than that; now and then more is tried. A queue on the
    way takes more for a while without a wait, so a try is believed only after more than that queue holds. Every try
    in vain fills the queue, which others feel: so it is filled, measured and emptied quickly, and the next one comes
    later.
    """

    SPAN = 1.0
    """Seconds of sending that make one measurement."""
    _STEP = 0.5
    """The same while the speed is looked for, with the line full: others shall not feel it for long."""
    _FILLING = 3
    """Full steps before the first one that counts: a connection has to get going."""
    _STEADY = 0.1
    """Two full steps that differ by less than this share tell the speed: neither does a connection get going any
    more, nor a queue swallow what the line does not carry."""
    _MOST_STEPS = 8
    """Steps after which the first measurement is taken as it is, and a try has told nothing."""
    _PAUSE = 0.05
    """Seconds without anything to send after which a full line is full no more."""
    _FULL = 0.4
    _NEARLY = 0.05
    """Share of a span that the kernel let us wait: surely full, and full if also slower than it was to be."""
    _TRY_EVERY, _TRY_SELDOM = 8, 64
    """Spans between two tries: at first, and after many in vain."""
    _MORE = 2.0
    """How much more is tried, step by step."""
    _BELIEVED = 1.25
    """How much more than the queue holds must go through before a try is believed."""
    _GAIN = 1.15
    """A try was worth it when this much faster came out."""
    _DRAIN = 0.1
    """Part of our share that is used after the line was full, until what queued up has run off: the line is busy with
    that, so that little is lost."""
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
        self._first: list[tuple[float, int]] = []
        """Seconds and bytes of the steps before anything was known."""
        self._full_spans = 0
        self._full_speed = 0.0
        """Of the last of them."""
        self._queue = 0.0
        """Bytes that the way to the line takes without a wait."""
        self._clear_at = 0.0
        """When what is queued of ours has run off; 0 when nothing is."""
        self._trying = 0.0
        self._tried_steps = 0
        self._excess = 0.0
        self._tried_from = 0.0
        self._since_try = 0
        self._try_every = self._TRY_EVERY

    @property
    def known(self) -> bool:
        """Whether anything was measured yet."""
        return self.bytes_per_second > 0

    def share(self, share: float) -> float:
        """Bytes a second that leave the rest of the line to others."""
        if self._trying:
            return self.bytes_per_second * self._trying
        return self.bytes_per_second * share * (self._DRAIN if self._clear_at else 1.0)

    def offered(self, now: float, rate: float) -> None:
        """A piece is about to be given to the kernel, at this rate; 0 for as fast as it takes it."""
        self._asked = rate
        if self._since is None:
            self._since = now
            if self._trying:
                self._ran_off(now - self._rests_since)

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
        elif self._seconds >= (self._STEP if self._trying or not self.known else self.SPAN):
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

    def _ran_off(self, seconds: float) -> None:
        """Nothing was sent for so long in the middle of a try, and the queue emptied: it takes more again."""
        self._excess = max(0.0, self._excess - self.bytes_per_second * seconds)
        if seconds > self._PAUSE:
            self._full_spans = 0
            self._begin_span()

    def _measured(self, seconds: float, size: int, waited: float, now: float) -> None:
        speed = size / seconds
        if not self.known:
            self._first.append((seconds, size))
        self._tried_steps += 1
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
            self._went_through(seconds, size)
        elif self.known:
            self._since_try += 1
            if self._since_try >= self._try_every:
                self._since_try, self._excess, self._tried_steps = 0, 0.0, 0
                self._tried_from, self._trying = self.bytes_per_second, self._MORE

    def _told(self, speed: float, before: float) -> float:
        """The speed of the line as this full span tells it, after one with the speed `before`; 0 for not yet. The
        first full span also filled the queue."""
        if self._full_spans < 2:
            return 0.0
        middle = (speed + before) / 2
        steady = abs(speed - before) <= before * self._STEADY
        if not self.known:
            late = len(self._first) >= self._MOST_STEPS
            return middle if self._full_spans > self._FILLING and (steady or late) else 0.0
        if not self._trying:
            return speed
        if speed < self._tried_from * self._GAIN:
            # In vain. What was known took longer to measure, and counts for more, or alone if the two do not agree.
            agrees = speed > self._tried_from / self._GAIN
            return (speed + 3 * self._tried_from) / 4 if agrees else self._tried_from
        if self._full_spans > self._FILLING and steady:
            return middle
        return self._tried_from if self._tried_steps >= self._MOST_STEPS else 0.0

    def _full(self, speed: float, now: float) -> None:
        """The line is full, and carries this."""
        if not self.known:
            self._queue = self._swallowed(speed)
            self._first.clear()
        # At most half of what it was: a line that hung for a moment has not become slow for good.
        self.bytes_per_second = max(speed, self.bytes_per_second / 2)
        in_vain = self._trying and self.bytes_per_second < self._tried_from * self._GAIN
        self._queue = max(self._queue, self._excess) if in_vain else self._queue
        self._try_every = min(self._TRY_SELDOM, 2 * self._try_every) if in_vain else self._TRY_EVERY
        queued = min(self._queue / self.bytes_per_second, self._DRAIN_AT_MOST)
        self._clear_at = now + queued / (1 - self._DRAIN) if queued else 0.0
        self._trying, self._excess, self._since_try, self._full_spans = 0.0, 0.0, 0, 0

    def _swallowed(self, speed: float) -> float:
        """Bytes that a queue took in the first steps, as far as it held them until now, when the line carries
        `speed`."""
        held = 0.0
        for seconds, size in self._first:
            held = max(0.0, held + size - speed * seconds)
        return held

    def _went_through(self, seconds: float, size: int) -> None:
        """A step of a try without a wait."""
        if size <= self.bytes_per_second * seconds or self._tried_steps >= self._MOST_STEPS:
            self._trying = 0.0  # there was not more to send, or too little at a time
            return
        self._excess += size - self.bytes_per_second * seconds
        self._trying *= self._MORE
        if self._excess > self._queue * self._BELIEVED:
            self.bytes_per_second = size / seconds
            self._trying, self._excess, self._tried_steps = self._MORE, 0.0, 0
