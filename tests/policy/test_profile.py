from policy.profile import REQUIRED, Change, changes_between, missing, name_problem

FACTS = dict.fromkeys(REQUIRED, "有") | {"production_address": "", "contact_email": ""}


def test_only_what_differs_is_a_change():
    before = FACTS | {"employees": "210"}
    after = FACTS | {"employees": "236", "contact_email": "a@example.com"}
    assert changes_between(before, after) == [
        Change("employees", "210", "236"),
        Change("contact_email", "", "a@example.com"),
    ]
    assert changes_between(after, after) == []


def test_a_fact_that_is_asked_for_only_now_is_a_change_once_it_is_filled_in():
    assert changes_between({}, {"production_address": ""}) == []
    assert changes_between({}, {"production_address": "甲路"}) == [Change("production_address", "", "甲路")]


def test_the_production_address_and_the_mail_address_may_be_empty_and_nothing_else():
    assert missing(FACTS) == []
    assert missing({}) == list(REQUIRED)
    assert missing(FACTS | {"address": "", "employees": ""}) == ["address", "employees"]


def test_a_holders_change_of_name_is_a_matter_of_article_21():
    assert name_problem(is_holder=False) == ""
    assert "第二十一条" in name_problem(is_holder=True)
