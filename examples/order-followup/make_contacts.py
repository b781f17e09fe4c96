"""Makes contacts.csv of the order follow-up: 300 callable people, and what an honest contact list also holds.

    python examples/order-followup/make_contacts.py [--seed 7]

Names and numbers are fictitious. Mobile numbers have 0000 after the prefix, the American ones come from the range
that is reserved for fiction (555-01xx). China reserves no such range, so this list is for the loopback carrier only.
"""

import argparse
import csv
import random
from pathlib import Path

HEADING = ["手机号", "姓名", "订单尾号", "商品", "下单日期", "分群"]
PEOPLE = 300
PREFIXES = [
    *range(130, 133), *range(135, 140), *range(150, 153), *range(157, 160),
    *range(176, 179), *range(180, 183), *range(186, 190),
]  # fmt: skip
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰桐雨欣晨思远嘉宁子涵一诺浩然若溪景行知微"
GOODS = [
    "保温杯",
    "电热水壶",
    "蓝牙耳机",
    "护眼台灯",
    "羊毛围巾",
    "登山背包",
    "空气炸锅",
    "机械键盘",
    "婴儿推车",
    "茶具套装",
]
SEGMENTS = ["regular", "new", "silent"]
SEGMENT_WEIGHTS = [55, 30, 15]

BAD_ROWS = [
    ["13800001", "钱多多", "1001", "保温杯", "2026-02-20", "regular"],  # too short
    ["138000012345678", "孙长长", "1002", "台灯", "2026-02-20", "regular"],  # too long
    ["", "李无号", "1003", "背包", "2026-02-21", "new"],  # no number
    ["1.38E+10", "周表格", "1004", "耳机", "2026-02-21", "regular"],  # a spreadsheet ate the digits
    ["13900000001/13900000002", "吴两个", "1005", "围巾", "2026-02-22", "silent"],  # two numbers in one cell
    ["微信同号", "郑微信", "1006", "键盘", "2026-02-22", "new"],  # no digits at all
    ["62345678", "王缺区", "1007", "茶具套装", "2026-02-22", "silent"],  # a landline without area code
    ["+999 12345678", "冯天外", "1008", "推车", "2026-02-23", "new"],  # no such country
]
FORBIDDEN_ROWS = [
    ["110", "误填报警", "2001", "保温杯", "2026-02-23", "regular"],
    ["120", "误填急救", "2002", "保温杯", "2026-02-23", "regular"],
    ["95999", "误填客服", "2003", "台灯", "2026-02-24", "regular"],
    ["12345", "误填热线", "2004", "台灯", "2026-02-24", "silent"],
    ["16812345", "误填声讯", "2005", "耳机", "2026-02-24", "new"],
    ["+1 202 555 0143", "Dana Reyes", "2006", "茶具套装", "2026-02-24", "new"],  # night over there
    ["+1 415 555 0117", "Noor Haddad", "2007", "羊毛围巾", "2026-02-25", "new"],
]
DOUBLED = 6


def main() -> None:
    """Write contacts.csv beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    people = [person(chance, index) for index in range(PEOPLE)]
    extra = [*BAD_ROWS, *FORBIDDEN_ROWS, *doubled(chance, people)]
    rows = list(people)
    for row in extra:
        rows.insert(chance.randrange(20, len(rows)), row)
    target = Path(__file__).with_name("contacts.csv")
    with target.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADING)
        writer.writerows(rows)
    print(f"{target}: {len(rows)} rows")


def person(chance: random.Random, index: int) -> list[str]:
    """One person with a number of their own."""
    prefix = PREFIXES[index % len(PREFIXES)]
    name = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.choice([1, 2, 2])))
    number = f"{prefix}0000{1000 + index * 29 % 9000:04d}"
    written = chance.choice([number, number, number, f"{number[:3]} {number[3:7]} {number[7:]}", f"+86{number}"])
    segment = chance.choices(SEGMENTS, SEGMENT_WEIGHTS)[0]
    ordered_on = f"2026-02-{chance.randrange(18, 28):02d}"
    return [written, name, f"{chance.randrange(10_000):04d}", chance.choice(GOODS), ordered_on, segment]


def doubled(chance: random.Random, people: list[list[str]]) -> list[list[str]]:
    """The same people once more, written differently: an order each, and one call for both."""
    again = []
    for row in chance.sample(people, DOUBLED):
        digits = row[0].removeprefix("+86").replace(" ", "")
        number = f"+86-{digits[:3]}-{digits[3:7]}-{digits[7:]}"
        again.append([number, row[1], f"{chance.randrange(10_000):04d}", *row[3:]])
    return again


if __name__ == "__main__":
    main()
