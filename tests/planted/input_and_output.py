"""What comes in, and what an answer or a log line gives away."""

from tests.planted.defect import Defect

DEFECTS = (
    Defect(
        name="a search is pasted into SQL",
        file="app/notes/service.py",
        old="statement.where(Note.title.icontains(wanted.q, autoescape=True))",
        new="""statement.where(__import__("sqlalchemy").text(f"notes.title LIKE '%{wanted.q}%'"))""",
        red="tests/core/test_sql_injection.py",
    ),
    Defect(
        name="a header is missing",
        file="app/headers/__init__.py",
        old='    "X-Content-Type-Options": "nosniff",\n',
        new="",
        red="tests/headers",
    ),
    Defect(
        name="every host is trusted",
        file="app/hosts/__init__.py",
        old='if scope["type"] != "http" or self._trusts(scope):',
        new="if True:",
        red="tests/hosts/test_hosts.py",
    ),
    Defect(
        name="a chunked body has no end",
        file="app/body_limit/__init__.py",
        old="if received > most_bytes:",
        new="if False:",
        red="tests/body_limit",
    ),
    Defect(
        name="who permits large uploads permits large JSON",
        file="app/body_limit/__init__.py",
        old="self._most_bytes_in_one_go if _is_parsed_in_one_go(scope) else self._most_bytes",
        new="self._most_bytes",
        red="tests/body_limit",
    ),
    Defect(
        name="trailers become headers",
        file="app/core/server.py",
        old="        if self._reads_head:\n            super().on_header(name, value)",
        new="        super().on_header(name, value)",
        red="tests/core/test_real_server.py",
    ),
    Defect(
        name="trailers have no end",
        file="app/core/server.py",
        old="if self._unread_bytes >= MOST_HEAD_BYTES:",
        new="if self._reads_head and self._unread_bytes >= MOST_HEAD_BYTES:",
        red="tests/core/test_real_server.py::test_a_head_without_end_is_refused_and_the_server_ends_when_it_is_told",
    ),
    Defect(
        name="one byte behind an answer keeps a connection for ever",
        file="app/core/server.py",
        old="if self.cycle is not None and self.cycle.response_complete:",
        new="if False:",
        red="tests/core/test_connections.py::test_what_comes_behind_an_answer_keeps_no_connection",
    ),
    Defect(
        name="an answer that nobody takes keeps a connection for ever",
        file="app/core/server.py",
        old="self.transport.abort()",
        new="self.transport.close()",
        red="tests/core/test_connections.py::test_an_answer_that_nobody_takes_keeps_no_connection",
    ),
    Defect(
        name="requests wait without number",
        file="app/core/server.py",
        old="if len(self.pipeline) >= MOST_WAITING_REQUESTS:",
        new="if False:",
        red="tests/core/test_connections.py::test_requests_are_not_taken_by_the_thousand",
    ),
    Defect(
        name="whoever breaks off with another request behind is logged as a failure of the server",
        file="app/core/server.py",
        old="            self._answered.disconnected = True\n",
        new="",
        red="tests/core/test_connections.py::test_who_breaks_off_with_another_request_behind_raises_no_alarm",
    ),
    Defect(
        name="whoever breaks off is logged as a failure of the server",
        file="app/core/perimeter.py",
        old="                status = 0\n                log.info",
        new="                log.info",
        red="tests/core/test_log.py",
    ),
    Defect(
        name="the last of two equal names wins",
        file="app/core/strict_json.py",
        old="if len(members) != len(pairs):",
        new="if False:",
        red="tests/core/test_strict_json.py",
    ),
    Defect(
        name="files are served to strangers",
        file="app/core/routing.py",
        old="yield each if isinstance(each, BaseRoute) else each.original_route",
        new="yield from ()",
        red="tests/core/test_closed_by_default.py",
    ),
    Defect(
        name="a commit that fails has already been answered",
        file="app/core/database.py",
        old='Depends(database_of_request, scope="function")',
        new="Depends(database_of_request)",
        red="tests/core/test_transactions.py",
    ),
    Defect(
        name="a host is trusted for its last letters",
        file="app/hosts/__init__.py",
        old=" and _LABELS.fullmatch(host[: -len(parent)]) is not None",
        new="",
        red="tests/hosts/test_hosts.py",
    ),
    Defect(
        name="a request with two lengths is followed",
        file="app/core/project_commands.py",
        old='_PROTOCOL = "app.core.server:BoundedHttpProtocol"',
        new='_PROTOCOL = "h11"',
        red="tests/core/test_real_server.py",
    ),
    Defect(
        name="a log line quotes what an exception says",
        file="app/core/log.py",
        old='event["frames"] = _frames(error)',
        new='event["frames"] = _frames(error) + str(error)',
        red="tests/core/test_log.py",
    ),
    Defect(
        name="a refusal repeats what was sent",
        file="app/core/errors.py",
        old='"detail": _detail(code, str(found["msg"]))}',
        new='"detail": str(found.get("input"))}',
        red="tests/core/test_problem_details.py",
    ),
    Defect(
        name="a database that the query names is taken for a socket",
        file="app/core/postgresql.py",
        old='parts.normalized_query.get("host") or (',
        new="(",
        red="tests/core/test_postgresql.py::test_what_must_not_reach_production_is_named",
        answers={"database": "postgresql"},
    ),
    Defect(
        name="a refusal grows with the parameters that were sent",
        file="app/core/routing.py",
        old="*errors[:MOST_FAULTS]",
        new="*errors",
        red="tests/core/test_problem_details.py::test_parameters_without_end_are_not_all_named",
    ),
    Defect(
        name="each probe that has waited for a slow answer asks again",
        file="app/health/__init__.py",
        old="""\
                self._is_ready = await self._ask()
                # Only now: of an answer that took long, those who have waited for it would each ask again.
                self._answered_at = self._kernel.now()""",
        new="""\
                self._answered_at = self._kernel.now()
                self._is_ready = await self._ask()""",
        red="tests/health/test_health.py",
    ),
    Defect(
        name="a clock that was set back keeps an answer for so long",
        file="app/health/__init__.py",
        old="timedelta(0) <= self._kernel.now() - self._answered_at < KEPT_FOR",
        new="self._kernel.now() - self._answered_at < KEPT_FOR",
        red="tests/health/test_health.py",
    ),
)
