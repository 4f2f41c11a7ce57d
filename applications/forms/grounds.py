"""What ends a case on the way: the clause it rests on, and the reason."""

from django import forms

from core.forms import Form
from core.reasons import ReasonField

CLAUSES = {
    "第十二条第1项": "本市注册的制造业企业，独立法人，正常经营满两年",
    "第十二条第2项": "近两年无重大事故、无违法、未在接受审查",
    "第十二条第3项": "服务部门或公司、两个以上项目、三项指标之一",
    "第十四条": "按要求填写申报书、提供随附材料",
    "第十五条": "材料真实、合规、有效，在规定时间内",
    "第二十条": "撤销称号后三年内不得重新申请",
}


class GroundForm(Form):
    clause = forms.ChoiceField(
        label="依据条款",
        choices=[("", "请选择"), *((clause, f"{clause}　{words}") for clause, words in CLAUSES.items())],
    )
    reason = ReasonField(label="原因", widget=forms.Textarea(attrs={"rows": 4}))

    def note(self) -> str:
        return f"{self.cleaned_data['clause']}：{self.cleaned_data['reason']}"


class DeclineForm(GroundForm):
    """The bureau does not accept a recommended case."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = "不予受理的原因"
        self.fields["clause"].error_messages["required"] = "不予受理须写明依据的条款。"
        self.fields["reason"].error_messages["required"] = "请写明不予受理的原因，企业会看到。"


class RefuseForm(GroundForm):
    """The district or association does not recommend a case."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"].error_messages["required"] = "不予推荐须选择依据的条款。"
        self.fields["reason"].error_messages["required"] = "请写明原因，企业会看到。"
