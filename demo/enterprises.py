"""Fictional manufacturers whose trades look like Weihai's industry; no name, code or figure belongs to anyone."""

from dataclasses import dataclass

from stdnum.cn import uscc

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
FIRST_NUMBER = 101
# Areas without a code of their own in GB/T 2260 are registered by a neighbour.
REGISTERED_BY = {"WH-ZBQ": "371072", "WH-NHXQ": "371003"}


@dataclass(frozen=True)
class Firm:
    """One fictional enterprise: its district's code, industry class (GB/T 4754), what it makes, its main mode."""

    name: str
    district: str
    industry: str
    product: str
    mode: str


def credit_code(district: str, number: int) -> str:
    """A made-up code with valid check digits (GB 32100-2015, GB 11714): 91, the area, MA3T and the number."""
    body = f"MA3T{number:04d}"
    rest = 11 - sum(w * ALPHABET.index(c) for w, c in zip(ORGANISATION_WEIGHTS, body, strict=True)) % 11
    base = f"91{REGISTERED_BY.get(district, district)}{body}{ {10: 'X', 11: '0'}.get(rest, str(rest)) }"
    return base + uscc.calc_check_digit(base)


FIRMS: tuple[Firm, ...] = (
    Firm("荣成鲸湾冷链装备有限公司", "371082", "3532", "水产冷链装备", "life-cycle"),
    Firm("荣成沛屿船舶工程有限公司", "371082", "3731", "远洋渔船", "integration"),
    Firm("荣成岬石电机有限公司", "371082", "3813", "船用特种电机", "life-cycle"),
    Firm("荣成澜礁海洋食品有限公司", "371082", "1361", "冷冻调理水产品", "supply-chain"),
    Firm("荣成砺岬铸造有限公司", "371082", "3391", "船机铸件", "shared-manufacturing"),
    Firm("荣成帆屿渔具有限公司", "371082", "2449", "碳素钓竿", "customisation"),
    Firm("荣成槎浦网具有限公司", "371082", "1782", "深海养殖网箱", "customisation"),
    Firm("荣成石鲸轮胎有限公司", "371082", "2911", "工程机械轮胎", "information"),
    Firm("荣成霁岸汽车部件有限公司", "371082", "3670", "商用车轮毂", "supply-chain"),
    Firm("荣成潮信海洋仪器有限公司", "371082", "4023", "海洋观测浮标", "information"),
    Firm("荣成望岬船舶配套有限公司", "371082", "3734", "甲板机械", "life-cycle"),
    Firm("荣成汐原渔业机械有限公司", "371082", "3575", "海带收割机械", "integration"),
    Firm("威海沐岭玻璃器皿有限公司", "371002", "3054", "酒店玻璃器皿", "customisation"),
    Firm("威海曙岬光学有限公司", "371002", "4040", "工业镜头", "life-cycle"),
    Firm("威海霁川机械有限公司", "371002", "3421", "专用数控机床", "life-cycle"),
    Firm("威海骊岸塑胶有限公司", "371002", "2929", "医用注塑件", "shared-manufacturing"),
    Firm("威海渌汀泵业有限公司", "371002", "3441", "海水淡化泵", "life-cycle"),
    Firm("威海青汀渔具有限公司", "371002", "2449", "路亚钓具", "customisation"),
    Firm("威海鸢浦针织有限公司", "371002", "1821", "户外针织服装", "customisation"),
    Firm("威海听榆印刷设备有限公司", "371002", "3542", "标签印刷机", "information"),
    Firm("威海柏舟帐篷有限公司", "371002", "1789", "户外露营装备", "supply-chain"),
    Firm("威海松岫工具制造有限公司", "371003", "3425", "机床功能部件", "life-cycle"),
    Firm("威海槐里家纺有限公司", "371003", "1779", "家用纺织品", "customisation"),
    Firm("威海昆屿汽车零部件有限公司", "371003", "3670", "转向系统部件", "supply-chain"),
    Firm("威海禾汀食品机械有限公司", "371003", "3532", "果蔬加工生产线", "integration"),
    Firm("威海岱浦电缆有限公司", "371003", "3831", "船用特种电缆", "supply-chain"),
    Firm("威海峦石风机有限公司", "371003", "3462", "工业风机", "life-cycle"),
    Firm("威海澄屿服装有限公司", "371003", "1819", "职业工装", "customisation"),
    Firm("威海泊野房车制造有限公司", "371003", "3670", "旅居车部件", "customisation"),
    Firm("威海钧岭阀门有限公司", "371003", "3443", "高压阀门", "life-cycle"),
    Firm("乳山砚海食品机械有限公司", "371083", "3532", "牡蛎净化生产线", "integration"),
    Firm("乳山梧岸轴承有限公司", "371083", "3451", "精密轴承", "information"),
    Firm("乳山银礁水产食品有限公司", "371083", "1361", "牡蛎制品", "supply-chain"),
    Firm("乳山岚浦铸造有限公司", "371083", "3391", "精密铸件", "shared-manufacturing"),
    Firm("乳山枫汀家具有限公司", "371083", "2110", "全屋定制家具", "customisation"),
    Firm("乳山望屿印花有限公司", "371083", "1762", "数码印花面料", "customisation"),
    Firm("乳山磐舟锅炉有限公司", "371083", "3411", "生物质锅炉", "integration"),
    Firm("乳山澄川康复器具有限公司", "371083", "3586", "康复辅具", "life-cycle"),
    Firm("威海晴渡医用导管有限公司", "371071", "3584", "介入导管", "life-cycle"),
    Firm("威海听涛医疗器械有限公司", "371071", "3581", "监护设备", "life-cycle"),
    Firm("威海云岬打印科技有限公司", "371071", "3913", "条码打印机", "information"),
    Firm("威海墨汀办公设备有限公司", "371071", "3913", "智能打印终端", "information"),
    Firm("威海星屿复合材料有限公司", "371071", "3062", "碳纤维制品", "customisation"),
    Firm("威海衡石传感器有限公司", "371071", "4012", "工业传感器", "information"),
    Firm("威海芷岸体外诊断有限公司", "371071", "3583", "检验分析仪器", "life-cycle"),
    Firm("威海凌汐机器人有限公司", "371071", "3491", "搬运机器人", "integration"),
    Firm("威海榆舟输配电设备有限公司", "371071", "3829", "智能开关设备", "integration"),
    Firm("威海泓帆绳网有限公司", "371072", "1782", "海洋绳网", "customisation"),
    Firm("威海棠屿水泵有限公司", "371072", "3441", "成套供水设备", "life-cycle"),
    Firm("威海海栎轮胎有限公司", "371072", "2911", "全钢子午胎", "information"),
    Firm("威海溯光新能源材料有限公司", "371072", "3841", "储能电池系统", "integration"),
    Firm("威海岐帆包装机械有限公司", "371072", "3467", "食品包装机", "life-cycle"),
    Firm("威海浔石游艇有限公司", "371072", "3733", "运动帆船", "customisation"),
    Firm("威海楠浦服饰有限公司", "371072", "1811", "运动服装", "customisation"),
    Firm("威海鹭汀冷藏设备有限公司", "371072", "3532", "冷库成套设备", "integration"),
    Firm("威海澹屿电子元件有限公司", "371073", "3973", "封装模块", "shared-manufacturing"),
    Firm("威海岭岫碳素渔竿有限公司", "371073", "2449", "碳素鱼竿坯料", "supply-chain"),
    Firm("威海旌石工程塑料有限公司", "371073", "2922", "工程塑料管材", "integration"),
    Firm("威海翊岸环境仪器有限公司", "371073", "4021", "水质在线监测仪", "information"),
    Firm("威海砾川发电设备有限公司", "371073", "3811", "应急发电机组", "life-cycle"),
    Firm("威海璟汀跨境制衣有限公司", "WH-ZBQ", "1829", "针织成衣", "supply-chain"),
    Firm("威海珑屿精密电子有限公司", "WH-ZBQ", "3913", "扫描模组", "shared-manufacturing"),
    Firm("威海岑舟医用敷料有限公司", "WH-ZBQ", "3589", "医用敷料", "supply-chain"),
    Firm("威海南屿海工装备有限公司", "WH-NHXQ", "3737", "海上风电附件", "integration"),
    Firm("威海蓝汀海水养殖装备有限公司", "WH-NHXQ", "3575", "深水养殖工船部件", "integration"),
    Firm("威海蔚岬新材料有限公司", "WH-NHXQ", "2651", "生物基材料", "customisation"),
    Firm("威海翎岸无人船科技有限公司", "WH-NHXQ", "3732", "复合材料无人船", "information"),
)
