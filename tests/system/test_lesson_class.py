"""A class follows its teacher through the lesson, over WebSockets."""

from __future__ import annotations

import pytest
from gateway_process import Gateway
from raw_websocket import RawWebSocket


def shown(socket: RawWebSocket) -> dict[str, object]:
    found = socket.next()
    while found["method"] != "lesson.shown":
        found = socket.next()
    return dict(found["params"])


def test_who_follows_sees_each_step_of_the_teacher(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as teacher, RawWebSocket(gateway, token=gateway.viewer_token) as pupil:
        assert pupil.call("lesson.follow", on=1)["result"]["step"] is None
        assert teacher.call("lesson.show", step="tcp", shown=0)["result"]["you"] is True
        first = shown(pupil)
        assert (first["step"], first["present"], first["you"]) == ("tcp", True, False)
        teacher.call("lesson.show", step="udp", shown=4)
        second = shown(pupil)
        assert (second["step"], second["shown"], second["n"]) == ("udp", 4, int(str(first["n"])) + 1)


def test_the_class_gets_the_teachers_run_and_not_anothers(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as teacher, RawWebSocket(gateway) as other:
        teacher.call("lesson.show", step="tcp", shown=0)
        other.call("sockets.demonstrate", step="tcp", **{"class": 1})
        assert gateway.get("/api/v1/lesson", token=gateway.viewer_token).json["demonstration"] is None
        run = teacher.call("sockets.demonstrate", step="tcp", **{"class": 1})["result"]
        kept = gateway.get("/api/v1/lesson", token=gateway.viewer_token).json
        assert kept["demonstration"] == run and kept["run"] > 0 and kept["shown"] == 1


def test_who_comes_late_is_told_the_present_step_at_once(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as teacher:
        teacher.call("lesson.show", step="bind", shown=2)
        with RawWebSocket(gateway, token=gateway.viewer_token) as late:
            late.call("lesson.follow", on=1)
            assert shown(late)["step"] == "bind"


def test_the_class_is_told_when_the_teacher_is_gone(gateway: Gateway) -> None:
    with RawWebSocket(gateway, token=gateway.viewer_token) as pupil:
        pupil.call("lesson.follow", on=1)
        with RawWebSocket(gateway) as teacher:
            teacher.call("lesson.show", step="close", shown=0)
            assert shown(pupil)["present"] is True
        assert shown(pupil) | {"n": 0} == {"n": 0, "step": "close", "shown": 0, "run": 0, "present": False, "you": False}


def test_who_does_not_follow_is_not_told(gateway: Gateway) -> None:
    with RawWebSocket(gateway) as teacher, RawWebSocket(gateway) as other:
        other.snapshot()
        other.call("lesson.follow", on=1)
        other.call("lesson.follow", on=0)
        teacher.call("lesson.show", step="tcp", shown=0)
        gateway.post("/api/v1/lines/red/toggle")
        assert other.next()["method"] == "event"


def test_a_viewer_does_not_teach_and_nobody_teaches_over_http(gateway: Gateway) -> None:
    with RawWebSocket(gateway, token=gateway.viewer_token) as pupil:
        assert pupil.call("lesson.show", step="tcp", shown=0)["error"]["data"]["code"] == "forbidden"
    for method in ("lesson.show", "lesson.follow"):
        answer = gateway.post("/api/v1/rpc", {"jsonrpc": "2.0", "id": 1, "method": method,
                                              "params": {"step": "tcp", "on": 1} if method == "lesson.follow" else {"step": "tcp"}})
        assert "error" in answer.json


def test_a_teacher_in_a_hurry_floods_nobody(gateway: Gateway) -> None:
    """Only the present state is kept: the last message to a pupil is what the teacher shows."""
    with RawWebSocket(gateway) as teacher, RawWebSocket(gateway, token=gateway.viewer_token) as pupil:
        pupil.call("lesson.follow", on=1)
        for n in range(60):
            teacher.call("lesson.show", step="tcp", shown=n)
        seen = [shown(pupil)]
        while seen[-1]["shown"] != 59:
            seen.append(shown(pupil))
        assert len(seen) <= 60


@pytest.mark.parametrize("view", ["sockets/lesson", ""])
def test_shared_link_leads_to_the_view(gateway: Gateway, view: str) -> None:
    links = gateway.post("/api/v1/share", {"role": "viewer", "view": view}).json["links"]
    assert all(link["url"].endswith("#sockets/lesson") == bool(view) for link in links)
    assert links[0]["qr"]


@pytest.mark.parametrize("view", ["#x", "a b", "x" * 40, 'javascript:alert(1)', 7])
def test_view_of_a_shared_link_is_a_plain_name(gateway: Gateway, view: object) -> None:
    assert gateway.post("/api/v1/share", {"role": "viewer", "view": view}).status == 400
