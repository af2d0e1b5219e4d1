"""Invented people at invented doors on real streets. Names are common parts put together; numbers are made up."""

import random
from dataclasses import dataclass

from routing.geo import Point

SURNAMES = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý"]
MIDDLES_WOMEN = ["Thị", "Ngọc", "Thu", "Thanh", "Mỹ", "Kim", "Bích"]
MIDDLES_MEN = ["Văn", "Hữu", "Đình", "Quốc", "Minh", "Công", "Xuân"]
GIVEN_WOMEN = [
    "Hoa",
    "Lan",
    "Hương",
    "Hạnh",
    "Phượng",
    "Thảo",
    "Vy",
    "Trâm",
    "Yến",
    "Nga",
    "Liên",
    "Diễm",
    "Thủy",
    "Tâm",
    "Quỳnh",
]
GIVEN_MEN = [
    "An",
    "Bình",
    "Cường",
    "Dũng",
    "Hải",
    "Khánh",
    "Long",
    "Nam",
    "Phúc",
    "Quang",
    "Sơn",
    "Tuấn",
    "Việt",
    "Thịnh",
    "Đạt",
]
ORGANISATIONS = (
    "Công ty TNHH Thủy sản Biển Xanh",
    "Trường Mầm non Hoa Sen",
    "Hợp tác xã Dịch vụ Nghề cá",
    "Quán ăn Sóng Biển",
    "Công ty CP Xây dựng Sơn Hải",
    "Phòng khám Đa khoa An Bình",
)
# Main streets of the ward whose position is known.
STREETS = (
    "Ngô Quyền",
    "Lê Đức Thọ",
    "Chu Huy Mân",
    "Yết Kiêu",
    "Trần Thánh Tông",
    "Vương Thừa Vũ",
    "Nguyễn Huy Chương",
    "Bùi Quốc Hưng",
    "Ngô Cao Lãng",
    "Lê Văn Duyệt",
    "Trần Hưng Đạo",
    "Võ Nguyên Giáp",
)


@dataclass(frozen=True)
class Door:
    """An address as somebody would say it, and where it is."""

    spoken: str
    street: str
    point: Point


def person(rng: random.Random) -> str:
    """A full name."""
    if rng.random() < 0.5:
        return f"{rng.choice(SURNAMES)} {rng.choice(MIDDLES_WOMEN)} {rng.choice(GIVEN_WOMEN)}"
    return f"{rng.choice(SURNAMES)} {rng.choice(MIDDLES_MEN)} {rng.choice(GIVEN_MEN)}"
