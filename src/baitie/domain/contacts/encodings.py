"""Which encoding a text file is in: never guessed into Chinese where it may be something else."""

import re
from itertools import islice
from typing import Literal

Encoding = Literal[
    "utf-8",
    "utf-16",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_kr",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1258",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-15",
]
"""Encodings that a campaign may name for its list."""

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_FOREIGN_SHARE_MAX = 0.3
_COMMON_SHARE_MIN = 0.2
_GLUED_SHARE_MAX = 0.5
_READ_CHARS_MAX = 200_000
"""So much of a file is looked at: a list does not change its language later."""

_COMMON = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方"
    "白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧蕭葉蘇呂蔣盧鍾陸賈鄒龍賀顧錢嚴"
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文华建国志玉红梅春晓燕海云飞鹏宇浩欣怡子轩涵思嘉俊雪琳佳慧婷雅诗梦晨家豪美偉麗強軍傑濤華國紅雲飛鵬"
    "手机号码姓名电话联系人方式称呼客户收货件人来源备注订单尾数商品日期分群地址省市区县镇乡村路街道弄栋楼单元室户门牌编性别年龄男女公司职位部门业务产品金额"
    "元时间状态类型级别会员等优先说明内容标题事项服务手機號碼電話聯繫方式客戶來源備註訂單商品群地址縣鎮鄉樓單戶門編別齡業務產額時間狀態類級會員優說內題項"
    "的一是不了在有我他这个们中来上大为和国地到以要就出可也你对生能而那得于着下自之年过发后作里用道行所然事成多面还法民主经动同工现分定如好都长看起学点从"
    "北京上海广东深圳浙杭州苏南江西安徽福建山四川重庆湖河天津辽宁吉林黑龙贵云陕甘肃青新疆内蒙古宁夏广港澳台灣西藏海口成都武汉长沙郑济石家庄合肥昆明兰银乌"
    "先生女士老师师傅经理总本部有限责任技术科贸易药店医院学校银行保险车房家电器水机箱包鞋服装食茶酒果米油书笔灯杯登热壶护眼台行充线盒套装大小红黑白蓝绿"
    "首次回访续费预约报名咨询投诉退换维修安装快递配送签收完善同意需要未已无是否请见勿再打微信同号备用家庭普通重点活跃沉默高价值"
)
"""Characters that lists of Chinese people and goods are full of; other writing read as Chinese gives hardly one."""

_NEUTRAL = re.compile(r"[　-〿！-～·—‘’“”…￥×]")
_LATIN_BESIDE = re.compile(rb"[A-Za-z][\x81-\xfe][A-Za-z]|[\x81-\xfe][A-Za-z]{2}")
_FOREIGN_RUN = re.compile(r"[^\x00-\x7f]{2,200}")
_RUNS_MAX = 2_000
_GARBLED_MIN = 3
"""Fewer different words than this may be anything."""

_WESTERN_OCTETS = {
    ord(char): octet for octet in range(0x80, 0xA0) if (char := bytes([octet]).decode("cp1252", "replace")) != "\ufffd"
}
"""What Windows shows for the octets that Latin-1 leaves to controls."""

_HAN_RUN = re.compile(r"[一-鿿㐀-䶿]+")
_HANGUL_LEADS = range(0xB0, 0xC9)


def decoded(data: bytes, encoding: str | None, *, may_be_chinese: bool) -> tuple[str, int] | int:
    """Text and where it can be trusted: the text and 0, or the octet at which no encoding fits.

    With `encoding` that one alone is tried. Without, UTF-8 and UTF-16 with a mark; and GB18030 where lists are
    Chinese and the text reads as Chinese rather than as something else.
    """
    if encoding is not None:
        return _try(data, "utf-8-sig" if encoding == "utf-8" else encoding)
    if data.startswith(_UTF16_MARKS):
        return _try(data, "utf-16")
    found = _try(data, "utf-8-sig")
    if not isinstance(found, int) or not may_be_chinese:
        return found
    chinese = _try(data, "gb18030")
    if isinstance(chinese, int):
        return chinese
    return chinese if reads_as_chinese(data, chinese[0]) else found


def reads_as_chinese(data: bytes, text: str) -> bool:
    """Whether octets that decode as GB18030 were meant so.

    Western letters with accents swallow the letter behind them, Big5 and Shift-JIS give characters outside GB 2312,
    Korean gives only characters of a to q: and none of them those that Chinese lists are full of.
    """
    head = text[:_READ_CHARS_MAX]
    signs = [char for char in _NEUTRAL.sub("", head) if char > "\x7f"]
    if not signs:
        return True
    if any(not _is_gb2312(found) for found in _pairs_beside_latin(data[: _READ_CHARS_MAX * 2])):
        return False
    common = sum(map(_COMMON.__contains__, signs))
    if common >= _COMMON_SHARE_MIN * len(signs):
        return True
    runs = list(_HAN_RUN.finditer(head))
    glued = sum(_touches_latin(head, run) for run in runs)
    if not common or glued > _GLUED_SHARE_MAX * len(runs):
        return False
    foreign = sum(not _is_gb2312(char.encode("gb18030", "replace")) for char in signs) / len(signs)
    leads = {char.encode("gb18030", "replace")[0] for char in signs}
    return foreign <= _FOREIGN_SHARE_MAX and not leads <= set(_HANGUL_LEADS)


def is_garbled(text: str) -> bool:
    """Whether a text was once read in a wrong encoding and saved so: `çŽ‹ä¼Ÿ`, `ÍõÎ°` or `鐜嬩紵` for `王伟`."""
    if text.isascii():
        return False
    runs = [run[0] for run in islice(_FOREIGN_RUN.finditer(text[:_READ_CHARS_MAX]), _RUNS_MAX)]
    garbled = [run for run in runs if _meant(run)]
    return 2 * len(garbled) > len(runs) and len(set(garbled)) >= _GARBLED_MIN


def _meant(run: str) -> str:
    """What a run of characters was before it was read wrongly; blank where it reads as written."""
    octets = run.translate(_WESTERN_OCTETS)
    if all(char <= "\xff" for char in octets):
        western = octets.encode("latin-1")
        found = _try(western, "utf-8")
        if isinstance(found, int):
            found = _try(western, "gb18030")
            if isinstance(found, int) or 2 * sum(char in _COMMON for char in found[0]) <= len(found[0]):
                return ""
    else:
        found = _try(run.encode("gb18030", "replace"), "utf-8")
    return "" if isinstance(found, int) or found[0].isascii() or not found[0].isprintable() else found[0]


def _try(data: bytes, encoding: str) -> tuple[str, int] | int:
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError as error:
        return error.start
    except UnicodeError:  # UTF-16 without its mark
        return 0


def _pairs_beside_latin(data: bytes) -> list[bytes]:
    """Two-octet characters whose second octet is a letter, with a letter beside: as `Müller` in a Western encoding."""
    found = []
    for match in _LATIN_BESIDE.finditer(data):
        octets = match[0]
        found.append(octets[1:3] if octets[0] < 0x80 else octets[:2])
    return found


def _is_gb2312(octets: bytes) -> bool:
    return len(octets) == 2 and 0xB0 <= octets[0] <= 0xF7 and octets[1] >= 0xA1


def _touches_latin(text: str, run: re.Match[str]) -> bool:
    before, behind = text[max(run.start() - 1, 0) : run.start()], text[run.end() : run.end() + 1]
    return (before.isascii() and before.isalpha()) or (behind.isascii() and behind.isalpha())
