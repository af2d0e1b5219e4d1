"""The catalogue a new ward starts with. Each ward loads the city's published list before use and edits it freely.

Times and fees as published for Đà Nẵng's wards (the ward's own text, 2025); the checklists name the usual components.
"""

from dataclasses import dataclass

from dispatch.database import db
from dispatch.dossiers.catalogue import Procedure, ProcedureComponent


@dataclass(frozen=True)
class Seed:
    code: str
    name: str
    policy: str
    processing: str
    papers: tuple[tuple[str, int, int], ...]
    reason: str = ""
    days: int = 0
    days_verified: int | None = None
    cutoff: str | None = None
    fee: str = ""
    receiver: str = "Người yêu cầu hoặc người được ủy quyền"
    online: str = "full"


CATALOGUE = (
    Seed(
        "khai-sinh",
        "Đăng ký khai sinh",
        "both",
        "same_day",
        (
            ("Tờ khai đăng ký khai sinh", 1, 0),
            ("Giấy chứng sinh", 1, 0),
            ("Giấy chứng nhận kết hôn của cha mẹ (nếu có)", 0, 1),
        ),
        cutoff="15:00",
        receiver="Cha, mẹ hoặc người thân thích đi khai sinh",
    ),
    Seed(
        "khai-sinh-nhan-cha-me",
        "Khai sinh kết hợp nhận cha, mẹ, con",
        "return_only",
        "working_days",
        (
            ("Tờ khai đăng ký khai sinh", 1, 0),
            ("Tờ khai nhận cha, mẹ, con", 1, 0),
            ("Giấy chứng sinh", 1, 0),
            ("Chứng cứ chứng minh quan hệ cha, mẹ, con", 1, 0),
        ),
        reason="Việc nhận cha, mẹ, con không được ủy quyền: người nhận phải tự đến nộp. Phường mang kết quả đến nhà.",
        days=3,
        days_verified=8,
        receiver="Cha hoặc mẹ có tên trong hồ sơ",
    ),
    Seed(
        "khai-tu",
        "Đăng ký khai tử",
        "ask",
        "at_once",
        (("Tờ khai đăng ký khai tử", 1, 0), ("Giấy báo tử hoặc giấy tờ thay thế", 1, 0)),
        reason="Người đi khai tử phải ký vào sổ hộ tịch: hỏi cán bộ một cửa trước khi nhận tại nhà.",
        days_verified=3,
        receiver="Người đi khai tử",
    ),
    Seed(
        "tinh-trang-hon-nhan",
        "Cấp giấy xác nhận tình trạng hôn nhân",
        "both",
        "working_days",
        (
            ("Tờ khai cấp giấy xác nhận tình trạng hôn nhân", 1, 0),
            ("Bản án, quyết định ly hôn hoặc giấy chứng tử (nếu có)", 0, 1),
        ),
        days=3,
        days_verified=23,
    ),
    Seed(
        "ket-hon",
        "Đăng ký kết hôn",
        "never",
        "at_once",
        (("Tờ khai đăng ký kết hôn", 1, 0), ("Giấy xác nhận tình trạng hôn nhân", 1, 0)),
        reason="Hai bên nam, nữ phải cùng có mặt để ký giấy chứng nhận kết hôn. Mời đặt lịch hẹn tại bộ phận một cửa.",
        days_verified=5,
        receiver="Hai bên nam, nữ cùng nhận",
    ),
    Seed(
        "chung-thuc-ban-sao",
        "Chứng thực bản sao từ bản chính",
        "both",
        "same_day",
        (("Bản chính giấy tờ cần chứng thực", 1, 0), ("Bản sao cần chứng thực", 0, 1)),
        days_verified=2,
        cutoff="15:00",
        fee="Trang 1 và 2: 2.000 đ mỗi trang; từ trang 3: 1.000 đ mỗi trang; tối đa 200.000 đ mỗi bản.",
        online="partial",
    ),
    Seed(
        "chung-thuc-chu-ky",
        "Chứng thực chữ ký",
        "never",
        "same_day",
        (("Giấy tờ, văn bản sẽ ký", 1, 0),),
        reason="Người yêu cầu phải ký trước mặt người thực hiện chứng thực. Mời đặt lịch hẹn tại bộ phận một cửa.",
        online="none",
    ),
    Seed(
        "tro-cap-huu-tri-xa-hoi",
        "Trợ cấp hưu trí xã hội",
        "both",
        "working_days",
        (("Văn bản đề nghị hưởng trợ cấp hưu trí xã hội", 1, 0),),
        days=10,
    ),
)


def seed_catalogue(ward_id: int) -> None:
    """Give a new ward the starting catalogue. The caller commits."""
    for position, seed in enumerate(CATALOGUE):
        procedure = Procedure(
            ward_id=ward_id,
            code=seed.code,
            name=seed.name,
            ship_policy=seed.policy,
            ship_reason=seed.reason,
            processing=seed.processing,
            working_days=seed.days,
            working_days_verified=seed.days_verified,
            cutoff=seed.cutoff,
            fee_note=seed.fee,
            receiver_note=seed.receiver,
            online=seed.online,
            position=position,
        )
        procedure.components = [
            ProcedureComponent(ward_id=ward_id, name=name, originals=originals, copies=copies, position=at)
            for at, (name, originals, copies) in enumerate(seed.papers)
        ]
        db.session.add(procedure)
    db.session.flush()
