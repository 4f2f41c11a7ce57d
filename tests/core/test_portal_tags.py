"""Tags as templates use them; what they give is compared as text where the text is the point."""

import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from core import clock, drawings, icons
from core.pieces import cases
from core.templatetags import portal
from core.workflow import Option
from policy.findings import Finding, Verdict

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MORNING = clock.instant(date(2026, 6, 26), 10, 20)


def render(source: str, **context) -> str:
    return Template(source).render(Context(context))


def words(html: str) -> str:
    """The visible words, blanks collapsed."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class Opinion(forms.Form):
    name = forms.CharField(label="企业名称", help_text="与营业执照一致。")
    founded_on = forms.DateField(label="成立日期")
    verdict = forms.ChoiceField(
        label="真实性", choices=[("", "-"), ("pass", "通过"), ("doubt", "存疑")], widget=forms.RadioSelect
    )
    story = forms.CharField(label="正文", widget=forms.Textarea, required=False)
    modes = forms.MultipleChoiceField(
        label="其他模式", choices=[("a", "供应链管理")], widget=forms.CheckboxSelectMultiple, required=False
    )
    licence = forms.FileField(label="营业执照", required=False)
    agreed = forms.BooleanField(label="已核对", required=False)


def finding(key, verdict, **values):
    values = {
        "clause": "第十二条第3项（1）",
        "article": 12,
        "measured": "15.00%",
        "threshold": "≥ 15%",
    } | values
    return Finding(key=key, title=f"条件{key}", verdict=verdict, advice=f"{key}怎么办。", **values)


def test_error_is_tied_to_its_field():
    html = render("{% field form.name %}", form=Opinion({"name": ""}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<p class="field-help" id="id_name_helptext">与营业执照一致。</p>' in html
    assert 'id="id_name_error"' in html


def test_date_field_is_a_date_control_with_a_machine_readable_value():
    html = render("{% field form.founded_on %}", form=Opinion(initial={"founded_on": date(2024, 6, 30)}))
    assert 'type="date"' in html
    assert 'value="2024-06-30"' in html


@pytest.mark.parametrize("name", ["verdict", "modes"])
def test_choices_are_a_fieldset_with_a_legend(name):
    html = render("{% field field %}", field=Opinion()[name])
    assert html.count("<fieldset") == 1
    assert "<legend" in html


@pytest.mark.parametrize("name", ["name", "story", "licence", "agreed", "founded_on"])
def test_every_control_has_its_label(name):
    html = render("{% field field %}", field=Opinion()[name])
    assert f'for="id_{name}"' in html
    assert f'id="id_{name}"' in html


def test_characters_are_counted_against_a_soft_limit():
    html = render("{% field form.story count=800 %}", form=Opinion({"story": "成效显著"}))
    assert "已写 4 字，建议不超过 800 字" in words(html)
    assert 'data-count="800"' in html


def test_error_summary_links_to_each_field():
    html = render(
        "{% error_summary form %}", form=Opinion({"name": "", "founded_on": "x", "verdict": "pass"})
    )
    assert "有 2 处需要更正" in words(html)
    assert re.findall(r'href="#(\w+)"', html) == ["id_name", "id_founded_on"]
    assert render("{% error_summary form %}", form=Opinion()).strip() == ""


def test_segments_leave_the_empty_choice_out_and_keep_the_chosen_one():
    html = render(
        '{% segmented form.verdict "met,attention" keys="1,2" %}', form=Opinion({"verdict": "doubt"})
    )
    assert words(html) == "真实性 通过 存疑"
    assert re.findall(r'value="(\w+)"( checked)?', html) == [("pass", ""), ("doubt", " checked")]
    assert 'data-key="2"' in html


def test_findings_show_failures_first_groups_in_a_box_and_fold_what_is_met():
    found = [
        finding("甲", Verdict.MET),
        finding("乙", Verdict.ATTENTION),
        finding("丙", Verdict.UNMET),
        finding("总", Verdict.MET, group="one", is_summary=True, measured="已满足 1 项"),
        finding("丁", Verdict.MET, group="one"),
        finding("戊", Verdict.NOT_COMPUTABLE, group="one"),
        finding("己", Verdict.NOT_COMPUTABLE, missing=("x",)),
    ]
    html = render("{% findings found %}", found=found)
    order = re.findall(r"条件(\w)", html)
    assert order == ["丙", "己", "总", "丁", "戊", "乙", "甲"]
    assert "已满足 1 项" in html
    assert re.search(r"待填写.*无法计算", html, re.DOTALL)
    assert html.index("<details") < html.index("条件甲")


def test_frozen_findings_look_like_live_ones():
    found = [finding("甲", Verdict.UNMET), finding("乙", Verdict.MET)]
    assert render("{% findings found %}", found=found) == render(
        "{% findings found %}", found=[one.as_dict() for one in found]
    )


def test_brief_findings_show_a_group_as_its_summary():
    found = [
        finding("总", Verdict.UNMET, group="one", is_summary=True),
        finding("丁", Verdict.UNMET, group="one"),
    ]
    assert re.findall(r"条件(\w)", render("{% findings found brief=True %}", found=found)) == ["总"]


def test_counts_put_what_cannot_be_computed_with_what_is_unmet():
    counts = {Verdict.MET: 5, Verdict.ATTENTION: 1, Verdict.UNMET: 1, Verdict.NOT_COMPUTABLE: 2}
    html = portal.finding_counts(counts)
    assert re.findall(r'class="tone-(\w+)( none)?".*?</svg>(\d)', html) == [
        ("met", "", "5"),
        ("attention", "", "1"),
        ("unmet", "", "3"),
    ]
    assert re.findall(r'class="tone-(\w+) none"', portal.finding_counts({Verdict.MET: 1})) == [
        "attention",
        "unmet",
    ]


def test_clause_opens_its_article():
    assert "第3项（1）" in words(portal.clause("第十二条第3项（1）", 12, short=True))
    assert "第十二条" not in words(portal.clause("第十二条第3项（1）", 12, short=True))
    assert words(portal.clause("第十五条", 15, short=True)) == "第十五条"


def test_whose_turn_says_who_since_when_and_until_when():
    with clock.stopped_at(MORNING):
        html = render(
            '{% whose_turn "荣成市工信局" since_days=3 deadline=deadline next_step="市局受理" %}',
            deadline=clock.instant(date(2026, 6, 30), 17),
        )
    assert words(html) == (
        "现在由 荣成市工信局 办理 已 3 天 截止 2026年 6月30日（周二）17:00 剩 4 天 下一步：市局受理"
    )


@pytest.mark.parametrize(
    ("day", "css"), [(30, '<span class="left">'), (29, "left-soon"), (26, "left-soon"), (25, "left-over")]
)
def test_near_deadlines_are_marked(day, css):
    with clock.stopped_at(MORNING):
        html = portal.remaining(clock.instant(date(2026, 6, day), 17))
    assert css in html


def test_refused_action_carries_its_reason_in_words():
    options = {
        "pass_vetting": Option("pass_vetting", "审核通过", True, ("合规性为“存疑”。",)),
        "refuse": Option("refuse", "不予推荐", True, ()),
        "forward": Option("forward", "报送", False, ()),
    }
    html = render('{% action_bar options primary="pass_vetting" form="vet" %}', options=options)
    assert words(html) == "审核通过：合规性为“存疑”。 不予推荐 审核通过"
    assert 'value="pass_vetting" form="vet" data-primary disabled aria-describedby="why-pass_vetting"' in html


def test_badge_takes_the_icon_of_its_tone():
    assert words(portal.badge("已截止", "met")) == "已截止"
    assert "#i-check-circle-fill" in portal.badge("已截止", "met")
    assert portal.state_badge(None) == ""


def test_state_words_are_escaped():
    assert "&lt;b&gt;" in portal.badge("<b>")


def test_day_strip_names_months_rest_days_and_unknown_days():
    days = [
        {"date": date(2026, 9, 30), "is_working": True, "counted_number": 3},
        {"date": date(2026, 10, 1), "is_working": False, "name": "国庆"},
        {"date": date(2026, 10, 2), "is_working": False},
        SimpleNamespace(date=date(2026, 10, 10), is_working=True, is_make_up=True, event="公布"),
        {"date": date(2026, 10, 11), "is_working": None},
    ]
    shown = cases.day_strip(days)["days"]
    assert [day["month"] for day in shown] == ["2026年9月", "2026年10月", "", "", ""]
    assert [day["note"] for day in shown] == ["第3天", "国庆", "休", "公布", "待定"]


def test_progress_line_tells_the_step():
    steps = [{"label": "填写", "state": "done"}, {"label": "审核", "state": "current", "left": "剩 4 天"}]
    assert "第 2 步，共 2 步： 审核" in words(render("{% progress_line steps %}", steps=steps))


def test_pagination_keeps_the_filters():
    request = RequestFactory().get("/", {"q": "海", "page": "2"})
    html = render("{% pagination page %}", request=request, page=Paginator(range(60), 25).page(2))
    assert "第 26 至 50 件，共 60 件" in words(html)
    assert 'href="?q=%E6%B5%B7&amp;page=3"' in html


def test_changed_filter_starts_at_the_first_page():
    request = RequestFactory().get("/", {"q": "海", "page": "2", "state": "VETTED"})
    assert render("{% query_with state=None tab='all' %}", request=request) == "?q=%E6%B5%B7&amp;tab=all"


@pytest.mark.parametrize(
    ("score", "place"), [(0, 0), (9, 25), (11.25, 50), (12.375, 62.5), (13.5, 75), (15, 100), (20, 100)]
)
def test_four_bands_of_a_criterion_are_equally_wide(score, place):
    assert drawings._on_bands(score, 15) == pytest.approx(place)


def test_periods_are_told_in_words_and_cut_at_the_ends_of_the_line():
    bars = drawings.periods(
        [("任职", date(2019, 4, 1), date(2024, 2, 29), "pale")], date(2020, 1, 1), date(2027, 1, 1)
    )
    assert 'aria-label="任职 2019-04-01 至 2024-02-29"' in bars
    assert 'x="0.00%"' in bars


@pytest.mark.parametrize(
    "drawing",
    [
        drawings.bar(3, 0),
        drawings.bar(None, 12),
        drawings.stack([]),
        drawings.stack([("企业", 0, "sand")], 0),
        drawings.pips(0, 0),
        drawings.sparkline([None, None]),
        drawings.sparkline([5]),
        drawings.score_scale(0),
        drawings.dot_plot([(80, True)], None, 80, 80),
        drawings.step_dots(0, 1),
        drawings.periods([], date(2026, 1, 1), date(2026, 1, 1)),
    ],
)
def test_drawings_of_nothing_do_not_fail(drawing):
    assert "style=" not in drawing


def test_icon_with_a_strange_name_is_empty_and_opens_no_file():
    icons.drawing.cache_clear()
    assert "path" not in icons.icon("../../secret")


def test_every_icon_that_is_named_exists():
    named = set(icons.SYMBOLS) | set(cases.TONE_ICONS.values())
    for file in TEMPLATES:
        named |= set(re.findall(r'{% icon "([^"]+)"', file.read_text()))
    assert sorted(name for name in named if not icons.drawing(name)) == []


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))
def test_templates_keep_to_the_content_security_policy(file):
    text = file.read_text()
    assert not re.search(r"\sstyle=|\son\w+=\"|<style|javascript:|hx-on", text)
    written = [tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag]
    # Data, no code: CSP lets it pass by a keyword of its own.
    assert set(written) <= {'<script type="speculationrules">'}


def test_every_tag_and_filter_stands_in_the_design_guide():
    guide = (ROOT / "docs/design.md").read_text()
    names = [*portal.register.tags, *portal.register.filters]
    assert [name for name in names if name not in guide and name not in {"icon_symbols", "key_pairs"}] == []


def test_a_number_leads_to_the_list_behind_it():
    assert render("{% behind 7 '/rounds/1/cases/' channel=3 holder='ended' %}") == (
        '<a href="/rounds/1/cases/?channel=3&amp;holder=ended">7</a>'
    )
    assert render("{% behind 7 '/rounds/1/cases/' %}") == '<a href="/rounds/1/cases/">7</a>'
    assert render("{% behind 0 '/rounds/1/cases/' %}{% behind 0 '/rounds/1/cases/' '0' %}") == "–0"
    assert render("{% behind 7 '/cases/' word=word %}", word='"><b>') == (
        '<a href="/cases/?word=%22%3E%3Cb%3E">7</a>'
    )
    cells = "{% cells_behind numbers '/cases/' 'holder' 'num' channel=3 %}"
    assert render(cells, numbers={"bureau": 2, "ended": 0, "<b>": 1}) == (
        '<td class="num"><a href="/cases/?channel=3&amp;holder=bureau">2</a></td><td class="num">–</td>'
        '<td class="num"><a href="/cases/?channel=3&amp;holder=&lt;b&gt;">1</a></td>'
    )
