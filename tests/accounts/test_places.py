"""Which place of the header a page belongs to."""

import pytest

from accounts.context_processors import PLACES, _places
from accounts.roles import Role


@pytest.mark.parametrize(
    ("role", "path", "label"),
    [
        (Role.MUNICIPAL_HANDLER, "/rounds/6/", "批次"),
        (Role.MUNICIPAL_HANDLER, "/rounds/6/ranking/", "评审"),
        (Role.MUNICIPAL_HANDLER, "/rounds/6/scores/", "评审"),
        (Role.MUNICIPAL_HANDLER, "/draws/3/", "评审"),
        (Role.MUNICIPAL_HANDLER, "/site-visits/3/", "评审"),
        (Role.MUNICIPAL_HANDLER, "/acceptance/54/", "批次"),
        (Role.MUNICIPAL_HANDLER, "/recommendations/54/", "批次"),
        (Role.MUNICIPAL_HANDLER, "/objection-desk/3/", "公示公布"),
        (Role.MUNICIPAL_HANDLER, "/enterprises/3/", "企业与专家"),
        (Role.MUNICIPAL_HANDLER, "/calendar/", "批次"),
        (Role.AUDITOR, "/enterprises/3/", "企业与专家"),
        (Role.CHANNEL_HANDLER, "/enterprises/3/", "辖区企业"),
        (Role.CHANNEL_HANDLER, "/recommendations/54/", "推荐上报"),
        (Role.ADMINISTRATOR, "/calendar/", "工作日历"),
    ],
)
def test_a_page_marks_its_place(role: str, path: str, label: str) -> None:
    assert [one.label for one in _places(PLACES[role], path) if one.current] == [label]
