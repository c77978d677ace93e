"""The upload terms: shown with their link, accepted for a stated time, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

from tui.screens.base import DexupScreen
from tui.services import Services
from tui.storage.consent import LONGEST_DAYS, TERMS, Consent
from tui.storage.errors import StorageError
from tui.text import safe_text
from tui.widgets.choose import Choose
from tui.widgets.prompt import Prompt

_DAYS = (7, 30, 90)


def standing_consent(services: Services) -> Consent | None:
    """The acceptance that holds for who is logged in."""
    return services.consent.standing(services.account, services.settings.service.api_url)


def consent_line(consent: Consent | None) -> str:
    """What holds now, in one sentence."""
    if consent is None:
        return "You accept them at each commit."
    given, until = consent.given_at.astimezone(UTC), consent.until.astimezone(UTC)
    return f"You accepted them on {given:%Y-%m-%d} until {until:%Y-%m-%d %H:%M} UTC."


def show_terms(screen: DexupScreen, then: Callable[[], object] = lambda: None) -> None:
    """Show the terms and what holds, and let the person decide; `then` is called after a decision."""
    services = screen.dexup.services
    if not services.account:
        screen.notify("Nobody is logged in: the terms are accepted by an account.", markup=False)
        return
    consent = standing_consent(services)
    choices = [("", "Leave it as it is")]
    if consent is not None:
        choices.append(("revoke", "Take it back: accept them at each commit"))
    choices += [(str(days), f"Accept them for {days} days") for days in _DAYS]
    choices.append(("typed", "Accept them for as many days as I type"))
    lines = [TERMS, f"Account {safe_text(services.account)}. {consent_line(consent)}"]

    def chosen(choice: str | None) -> None:
        if choice == "typed":
            screen.app.push_screen(
                Prompt(
                    "For how many days?", [TERMS], placeholder=f"1 to {LONGEST_DAYS}", validate=_wrong_days
                ),
                lambda text: decided(text) if text else None,
            )
        elif choice:
            decided(choice)

    def decided(choice: str) -> None:
        api_url = services.settings.service.api_url
        try:
            if choice == "revoke":
                services.consent.revoke(services.account, api_url)
            else:
                services.consent.give(services.account, api_url, int(choice))
        except StorageError as error:
            screen.notify(safe_text(f"{error} {error.remedy}"), markup=False, severity="error", timeout=12)
        else:
            screen.notify(consent_line(standing_consent(services)), markup=False)
        then()

    screen.app.push_screen(Choose("The upload terms of MangaDex", choices, lines), chosen)


def _wrong_days(text: str) -> str:
    number = text.strip()
    fine = number.isascii() and number.isdigit() and 1 <= int(number[:6]) <= LONGEST_DAYS
    return "" if fine else f"A whole number from 1 to {LONGEST_DAYS}."
