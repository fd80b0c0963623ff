"""Defects of scopes: a narrow session that is not, or that finds a way to be wide."""

from tests.planted.defect import Defect

ROUTES, TOKENS = "tests/core/test_scopes.py", "tests/bearer/test_scopes.py"

DEFECTS = (
    Defect(
        name="a session with scopes manages the account",
        file="app/core/principals.py",
        old='if principal.scopes is not None and not getattr(request.scope.get("route"), "takes_any_scope", False):',
        new="if False:",
        red=ROUTES,
    ),
    Defect(
        name="a missing permission is told before an old login",
        file="app/core/principals.py",
        old="""\
        if recent:
            await recent_principal(request, principal)
        for each in permissions:
            if not principal.may(each):
                raise _without(each, request, principal)
""",
        new="""\
        for each in permissions:
            if not principal.may(each):
                raise _without(each, request, principal)
        if recent:
            await recent_principal(request, principal)
""",
        red=ROUTES,
    ),
    Defect(
        name="what a dependency may read opens the route that writes",
        file="app/core/routing.py",
        old='any(hasattr(each.call, "takes_any_scope") for each in self.dependant.dependencies)',
        new='any(hasattr(each, "takes_any_scope") for each in dependencies_of(self.dependant))',
        red=ROUTES,
    ),
    Defect(
        name="scopes narrow nothing",
        file="app/core/principals.py",
        old=" and (self.scopes is None or permission in self.scopes)",
        new="",
        red=ROUTES,
    ),
    Defect(
        name="the scope that a login asks for is ignored",
        file="app/bearer/router.py",
        old="carrier=BearerCarrier.name, scopes=scopes)",
        new="carrier=BearerCarrier.name)",
        red=TOKENS,
    ),
    Defect(
        name="others are told of scopes that the account does not hold",
        file="app/core/principals.py",
        old=" if scope in held",
        new="",
        red="tests/bearer/test_scopes_and_roles.py",
        answers={"features": ["rbac"]},
    ),
    Defect(
        name="a token is issued whose scope is empty",
        file="app/core/principals.py",
        old="if not granted:",
        new="if False:",
        red="tests/bearer/test_scopes_and_roles.py",
        answers={"features": ["rbac"]},
    ),
    Defect(
        name="a right password is a failed guess where its account holds no scope",
        file="app/core/login.py",
        old="""\
        except NothingGrantedError:
            await self._over(attempt, Outcome.NOT_JUDGED)
            raise
""",
        new="",
        red="tests/bearer/test_scopes_and_roles.py",
        answers={"features": ["rbac"]},
    ),
    Defect(
        name="a scope is asked for once more when the refresh token is spent",
        file="app/bearer/router.py",
        old=".deliver(outcome, scope)",
        new=".deliver(outcome, scope and await kernel.principals.granted(outcome.session.user_id, scope.split()))",
        red="tests/bearer/test_scopes_and_roles.py",
        answers={"features": ["rbac"]},
    ),
    Defect(
        name="the password once more widens a session",
        file="app/accounts/sessions.py",
        old=", replaces=user.session_id, scopes=user.scopes",
        new=", replaces=user.session_id",
        red=TOKENS,
    ),
    Defect(
        name="any text is a scope",
        file="app/bearer/oauth.py",
        old="if not all(scope in declared for scope in scopes):",
        new="if not scopes:",
        red=TOKENS,
    ),
    Defect(
        name="a replay that asks for a scope ends nothing",
        file="app/bearer/router.py",
        old="    if login is None:\n        return None\n    if asked",
        new="    if login is None and asked is None:\n        return None\n    if login is None or asked",
        red=TOKENS,
    ),
    Defect(
        name="a narrow administrator gives wide rights",
        file="app/rbac/service.py",
        old="        within = _within_scopes(actor, mine)",
        new="        within = mine",
        red="tests/bearer/test_scopes_and_roles.py",
        answers={"features": ["rbac"]},
    ),
    Defect(
        name="a narrow administrator brings back whoever was disabled",
        file="app/rbac/service.py",
        old="if not await self._permissions(db, user_id) <= _within_scopes(actor, mine):",
        new="if False:",
        red="tests/bearer/test_scopes_and_roles.py",
        answers={"features": ["rbac"]},
    ),
)
