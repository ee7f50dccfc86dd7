"""Names as people write them in sixteen scripts; what a door takes has to come out as it went in."""

from typing import Final

# a person, an address in two lines, a product, a file
NAMES: Final[dict[str, tuple[str, str, str, str]]] = {
    "Latin": (
        "Zoë Øster-Åström",
        "Große Straße 1½\nÎle d’Yeu",
        "Büro “Plus” № 2026",
        "Größe & Maße (final) – v2.zip",
    ),
    "Vietnamese": ("Nguyễn Thị Ánh", "Đường Trần Hưng Đạo\nHuế", "Văn phòng", "Hướng dẫn.pdf"),
    "Turkish": ("Işıl İğdır", "Çarşı Sk. 5\nİstanbul", "Ofis ŞĞ", "Kılavuz.pdf"),
    "Greek": ("Ἀλέξανδρος Παπαδόπουλος", "Οδός Ἑρμοῦ 3\nΑθήνα", "Γραφείο", "Οδηγός.pdf"),
    "Cyrillic": ("Ђорђе Щербаков-Ґудзь", "ул. Ленина, д. 5\nКиїв", "Офис «Дом»", "Руководство.pdf"),
    "Georgian": ("ნინო ბერიძე", "რუსთაველის გამზ. 1\nთბილისი", "ოფისი", "სახელმძღვანელო.pdf"),
    "Armenian": ("Արամ Խաչատրյան", "Աբովյան փողոց 1\nԵրևան", "Գրասենյակ", "Ուղեցույց.pdf"),
    "Hebrew": ("שִׁירָה כֹּהֵן", "רחוב הרצל 1\nתל־אביב", "משרד", "מדריך.pdf"),
    "Arabic": ("محمّد عبد الله", "شارع الملك ١٢\nالقاهرة", "مكتب ٢٠٢٦", "دليل.pdf"),
    "Persian": ("نمی\u200cخواهم رضایی", "خیابان ولی\u200cعصر ۱۲\nتهران", "خانه\u200cها", "راهنما\u200cها.pdf"),
    "Devanagari": ("क्\u200dष श्री वेद व्यास", "महात्मा गांधी मार्ग १२\nदिल्ली", "कार्यालय", "निर्देशिका.pdf"),
    "Tamil": ("கமலா ராஜன்", "அண்ணா சாலை 1\nசென்னை", "அலுவலகம்", "வழிகாட்டி.pdf"),
    "Thai": ("สมชาย ใจดี", "ถนนสุขุมวิท ๑๒\nกรุงเทพฯ", "สำนักงาน", "คู่มือ.pdf"),
    "Han": ("欧阳修・𠮷野", "人民路１号\n上海市", "办公室（专业版）", "說明書。最終版.pdf"),
    "Japanese": ("山田\u3000太郎", "千代田区千代田１−１\n東京都", "オフィス〜家庭用", "取扱説明書（最新）.pdf"),
    "Korean": ("김민수", "세종대로 1\n서울특별시", "오피스", "설명서.pdf"),
    "Ethiopic": ("ኃይለ ሥላሴ", "ቦሌ መንገድ 1\nአዲስ አበባ", "ቢሮ", "መመሪያ.pdf"),
    "Emoji": (
        "Kim 👩🏽\u200d💻",
        "🏠 Hill 1\nBath",
        "Family 👨\u200d👩\u200d👧 \U0001fae9 Photos ©",
        "🎉 Readme 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f.txt",
    ),
}
