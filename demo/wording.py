"""What the fictional enterprises write about themselves, by their main mode."""

from policy.models import ServiceMode

PRACTICE = {
    "supply-chain": (
        "建成供应链协同平台，与上游供应商共享需求预测和库存，推行供应商管理库存和准时配送；"
        "向下游客户提供按工序配送、余料回收和对账服务，客户由“买{product}”变为“买稳定供应”。"
    ),
    "shared-manufacturing": (
        "把闲置的加工中心、检测设备和工艺人员组成共享工厂，周边企业在线报工艺、看排产、按件计价；"
        "统一夹具和检验标准，为中小企业承接{product}相关的共性工序。"
    ),
    "life-cycle": (
        "每台{product}配数据终端，按机建档，提供安装调试、状态预警、远程诊断、备件寄售和以旧换新；"
        "按运行时长收取服务费，由被动维修转为主动维护。"
    ),
    "integration": (
        "由单卖{product}转为提供工艺设计、成套供货、安装调试、人员培训和运维的总承包服务，"
        "设总工程师负责制的项目部，按里程碑交付，质保期后签订年度运维合同。"
    ),
    "customisation": (
        "开通在线选型和三维预览，客户可自行组合{product}的结构、材料和外观；"
        "部件模块化后小批量也能当天排产，首件经客户确认后投产。"
    ),
    "information": (
        "将{product}接入自建的数据平台，为客户提供能耗分析、故障统计、生产追溯等订阅服务，"
        "并向行业开放脱敏的运行指数。"
    ),
}
PROJECTS = {
    "supply-chain": ("供应链协同平台", "供应商管理库存推广"),
    "shared-manufacturing": ("共享工厂", "中小企业协同加工"),
    "life-cycle": ("远程运维", "备件寄售和再制造"),
    "integration": ("成套总承包", "年度运维托管"),
    "customisation": ("在线定制平台", "柔性产线改造"),
    "information": ("设备数据平台", "能耗与追溯订阅服务"),
}
UNIT_NAMES = {
    "supply-chain": "供应链服务部",
    "shared-manufacturing": "共享制造事业部",
    "life-cycle": "客户服务中心",
    "integration": "工程总包部",
    "customisation": "定制设计中心",
    "information": "数据服务部",
}


def narrative(name: str, product: str, mode: ServiceMode, headcount: int, share: str) -> dict[str, str]:
    """The six parts of the narrative, as the application's fields."""
    return {
        "narrative_overview": (
            f"{name}主要生产{product}，产品销往国内外。公司以制造为根基，近年来围绕{mode.name}设立专门机构，"
            f"现有服务人员{headcount}人，建立了从需求收集、方案设计到交付和回访的完整流程。（演示内容，均为虚构）"
        ),
        "narrative_practice": PRACTICE[mode.code].format(product=product)
        + "公司制定服务目录和价格表，服务与产品分别核算，服务项目有合同、有验收、有客户评价，年度考核纳入管理层指标。",
        "narrative_innovation": (
            f"一是把{product}的使用数据用于改进设计，形成“使用—反馈—改进”的闭环；"
            "二是将服务过程标准化，编制作业指导书和服务等级协议；三是以服务收入而不是销量考核团队。"
        ),
        "narrative_results": (
            f"服务性收入占主营业务收入的{share}，客户续约率和一次交付合格率逐年提高，"
            "停机时间和库存周转天数下降，带动主营业务收入和利润增长。"
        ),
        "narrative_demonstration": (
            "多次接待同行企业参观交流，服务标准被上下游采用，带动本地配套企业参与交付，形成可复制的做法。"
        ),
        "narrative_plan": (
            "下一步扩大服务网络，完善数据平台，争取三年内服务性收入占比继续提高，并参与制定行业服务标准。"
        ),
    }
