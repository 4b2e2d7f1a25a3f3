"""The second factor: six digits that an app on a person's phone shows for thirty seconds (RFC 6238).

No code opens twice. Recovery codes stand in for a lost phone, each once.
"""

import hashlib
import re
import secrets
import time

import pyotp

from aivastark.accounts.people_models import User
from aivastark.errors import Conflict, InvalidRequest, SecondFactorRequired
from aivastark.kit.clock import utc_now
from aivastark.kit.seal import seal, unseal

STEP_S = 30
STEPS_EITHER_WAY = 1  # clocks differ
RECOVERY_CODES = 10
RECOVERY_CHARS = 16
ISSUER = "Aivastark"
_PURPOSE = "second factor"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another


def enrol(user: User, secret_key: bytes) -> tuple[str, str]:
    """A fresh secret and the address an app reads it from. Not asked for until confirmed. Raises `Conflict`."""
    if user.totp_since is not None:
        raise Conflict("The second factor is on. Turn it off first.")
    secret = pyotp.random_base32()
    user.totp_sealed = seal(secret_key, _PURPOSE, user.id, secret)
    return secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


def confirm(user: User, secret_key: bytes, code: str) -> list[str]:
    """Turn it on: the app shows the right code. Gives the recovery codes, told here and never again."""
    if user.totp_since is not None:
        raise Conflict("The second factor is on already.")
    if user.totp_sealed is None:
        raise Conflict("Enrol first.")
    if not _takes_code(user, secret_key, _plain(code)):
        raise InvalidRequest("code is not the one the app shows now", param="code")
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(RECOVERY_CHARS)) for _ in range(RECOVERY_CODES)]
    user.recovery_codes = [_digest(one) for one in codes]
    user.totp_since = utc_now()
    return ["-".join(re.findall("....", one)) for one in codes]


def check(user: User, secret_key: bytes, code: str | None) -> None:
    """Raises `SecondFactorRequired` unless it is off, or the code is right and new. Uses the code up."""
    if user.totp_since is None:
        return
    if code is None:
        raise SecondFactorRequired("Send the code your app shows, or a recovery code, as `code`.")
    plain = _plain(code)
    if not _takes_code(user, secret_key, plain) and not _takes_recovery_code(user, plain):
        raise SecondFactorRequired("That code is not right, or has been used.")


def turn_off(user: User) -> None:
    """Ask for the password alone from now on."""
    user.totp_sealed = user.totp_since = None
    user.totp_step, user.recovery_codes = 0, []


def _takes_code(user: User, secret_key: bytes, code: str) -> bool:
    totp = pyotp.TOTP(unseal(secret_key, _PURPOSE, user.id, user.totp_sealed or b""))
    now = int(time.time()) // STEP_S
    for step in range(now - STEPS_EITHER_WAY, now + STEPS_EITHER_WAY + 1):
        if step > user.totp_step and secrets.compare_digest(totp.at(step * STEP_S), code):
            user.totp_step = step
            return True
    return False


def _takes_recovery_code(user: User, code: str) -> bool:
    if _digest(code) not in user.recovery_codes:
        return False
    user.recovery_codes = [kept for kept in user.recovery_codes if kept != _digest(code)]
    return True


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower().encode("ascii", "replace").decode()


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
