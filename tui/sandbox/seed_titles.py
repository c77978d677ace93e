"""The titles that the sandbox knows from the start. All but the official test title are made up."""

from __future__ import annotations

from typing import NamedTuple


class TitleRow(NamedTuple):
    """One title; the language of `name` is "en" unless `name_language` says otherwise."""

    name: str
    original: str
    """Name in the original language, or ""."""
    language: str
    """Original language."""
    rating: str
    status: str
    demographic: str | None
    year: int | None
    author: str
    artist: str
    tags: str = ""
    alternatives: str = ""
    """More English names, separated by semicolons."""
    state: str = "published"
    name_language: str = "en"
    id: str = ""
    """A fixed id; made from the name when empty."""
    resets: bool = False
    """Chapter numbers start again in every volume."""


HARBOUR_LIGHTS = "Harbour Lights"

TITLES = (
    TitleRow(
        HARBOUR_LIGHTS, "港の灯", "ja", "safe", "ongoing", "seinen", 2019, "Aoi Minase", "Aoi Minase",
        "Drama,Slice of Life", "Minato no Hi;Lights of the Harbour",
    ),
    TitleRow(
        'Official "Test" Manga', "", "ja", "safe", "ongoing", "shounen", 2018, "Test Author", "Test Artist",
        "Comedy", "Test Manga", id="f9c33607-9180-4ba6-b85c-e4b5faee7192",
    ),
    TitleRow("Harbour Town Diaries", "", "ko", "safe", "completed", None, 2021, "Han Seo-yun", "Han Seo-yun", "Slice of Life,Web Comic"),
    TitleRow("The Lighthouse Keeper's Cat", "灯台守の猫", "ja", "safe", "completed", "josei", 2015, "Rin Kuroda", "Rin Kuroda", "Animals,Fantasy"),
    TitleRow("Night Ferry", "夜行フェリー", "ja", "suggestive", "ongoing", "seinen", 2022, "Sora Hayami", "Goro Tachibana", "Thriller,Mystery"),
    TitleRow("Paper Moon Bakery", "月夜のベーカリー", "ja", "safe", "ongoing", "shoujo", 2020, "Mei Asahina", "Mei Asahina", "Cooking,Romance"),
    TitleRow("Zero Hour Chemist", "", "en", "suggestive", "hiatus", None, 2017, "R. Calloway", "T. Brandt", "Sci-Fi,Action"),
    TitleRow("Iron Orchard", "鉄の果樹園", "ja", "suggestive", "ongoing", "shounen", 2016, "Kaito Shiraishi", "Kaito Shiraishi", "Action,Mecha", resets=True),
    TitleRow("Under the Persimmon Tree", "감나무 아래", "ko", "safe", "ongoing", None, 2023, "Yoon Da-in", "Yoon Da-in", "Drama,Long Strip,Web Comic"),
    TitleRow("My Neighbour Is a Retired Dragon", "隔壁的退休巨龙", "zh", "safe", "ongoing", None, 2021, "Lin Mo", "Studio Qinghe", "Comedy,Fantasy,Full Color"),
    TitleRow("Sword of the Ninth Tide", "第九潮之剑", "zh", "suggestive", "ongoing", None, 2018, "Bai Yu", "Studio Qinghe", "Action,Martial Arts,Long Strip"),
    TitleRow("The Clockwork Shogun", "からくり将軍", "ja", "erotica", "completed", "seinen", 2011, "Jun Okabe", "Jun Okabe", "Historical,Action"),
    TitleRow("Velvet Corridor", "ビロードの廊下", "ja", "erotica", "completed", "josei", 2014, "Reiko Amano", "Reiko Amano", "Romance,Drama"),
    TitleRow("After the Last Train", "終電のあとで", "ja", "erotica", "ongoing", "seinen", 2020, "Sora Hayami", "Sora Hayami", "Romance"),
    TitleRow("Midnight Conservatory", "真夜中の温室", "ja", "pornographic", "completed", None, 2019, "Anonymous Fern", "Anonymous Fern", "Oneshot,Doujinshi"),
    TitleRow("Rooms Without Clocks", "時計のない部屋", "ja", "pornographic", "ongoing", None, 2022, "Reiko Amano", "Reiko Amano", "Romance"),
    TitleRow("A Map of Small Rivers", "小さな川の地図", "ja", "safe", "completed", "shoujo", 2009, "Mei Asahina", "Rin Kuroda", "Drama,Historical"),
    TitleRow("Giants of the Salt Plain", "", "es-la", "safe", "ongoing", None, 2022, "Camila Ortega", "Camila Ortega", "Adventure,Fantasy", name_language="en"),
    TitleRow("Los gigantes del salar", "", "es", "safe", "cancelled", None, 2013, "Iñaki Vidal", "Iñaki Vidal", "Adventure", name_language="es"),
    TitleRow("Onze heures moins dix", "", "fr", "safe", "completed", None, 2016, "Élodie Marchand", "Élodie Marchand", "Mystery", name_language="fr"),
    TitleRow("Kagami no Naka no Machi", "鏡の中の町", "ja", "suggestive", "ongoing", "seinen", 2021, "Goro Tachibana", "Goro Tachibana", "Horror,Mystery", "The Town in the Mirror", name_language="ja-ro"),
    TitleRow("Senpai, the Printer Is on Fire", "先輩、プリンターが燃えています", "ja", "safe", "ongoing", "shounen", 2022, "Haru Nomura", "Haru Nomura", "Comedy,Office Workers"),
    TitleRow("The Villainess Only Wants to Sleep", "悪役令嬢は眠りたい", "ja", "safe", "ongoing", "shoujo", 2021, "Yuzu Kisaragi", "Tomo Hoshi", "Isekai,Comedy,Villainess"),
    TitleRow("I Was Reincarnated as a Vending Machine Repairman and Now the Demon King Owes Me Change", "自販機修理人に転生したら魔王に釣り銭の貸しがある件について", "ja", "safe", "hiatus", "shounen", 2023, "Yuzu Kisaragi", "Haru Nomura", "Isekai,Comedy"),
    TitleRow("Lantern Post Nine", "", "en", "safe", "ongoing", None, 2024, "M. Okonkwo", "M. Okonkwo", "Web Comic,Full Color"),
    TitleRow("Static Between Stations", "駅間ノイズ", "ja", "suggestive", "completed", "seinen", 2012, "Jun Okabe", "Sora Hayami", "Psychological,Sci-Fi"),
    TitleRow("Her Majesty's Umbrella", "女王陛下の傘", "ja", "safe", "completed", "shoujo", 2010, "Rin Kuroda", "Rin Kuroda", "Historical,Romance"),
    TitleRow("Blue Ink, Red Seal", "", "zh-hk", "safe", "ongoing", None, 2020, "Wong Ka-yan", "Wong Ka-yan", "Historical,Drama"),
    TitleRow("The Last Rest Stop", "", "en", "suggestive", "ongoing", None, 2019, "R. Calloway", "R. Calloway", "Post-Apocalyptic"),
    TitleRow("Summer, Minus One", "夏、マイナスワン", "ja", "safe", "completed", "shounen", 2014, "Kaito Shiraishi", "Mei Asahina", "Romance,School Life"),
    TitleRow("Ghost Rice", "幽霊ご飯", "ja", "suggestive", "ongoing", "seinen", 2018, "Goro Tachibana", "Aoi Minase", "Cooking,Ghosts"),
    TitleRow("Gravity Is a Suggestion", "", "ko", "suggestive", "ongoing", None, 2022, "Park Min-jae", "Park Min-jae", "Action,Sci-Fi,Long Strip"),
    TitleRow("Tower of Unread Letters", "안 읽은 편지의 탑", "ko", "safe", "ongoing", None, 2020, "Yoon Da-in", "Studio Baram", "Fantasy,Drama"),
    TitleRow("One Hundred Views of My Desk", "机百景", "ja", "safe", "completed", None, 2017, "Haru Nomura", "Haru Nomura", "4-Koma,Slice of Life"),
    TitleRow("Borderline Botanist", "", "de", "safe", "ongoing", None, 2021, "Jonas Ehrlich", "Jonas Ehrlich", "Mystery"),
    TitleRow("Der Turmfalke", "", "de", "safe", "completed", None, 2008, "Jonas Ehrlich", "Jonas Ehrlich", "Historical", name_language="de"),
    TitleRow("Fox Wedding on Platform 3", "三番線の狐の嫁入り", "ja", "safe", "ongoing", "shounen", 2023, "Tomo Hoshi", "Tomo Hoshi", "Fantasy,Comedy"),
    TitleRow("Quiet Hours at the Bathhouse", "銭湯の静かな時間", "ja", "suggestive", "ongoing", "josei", 2022, "Reiko Amano", "Mei Asahina", "Slice of Life"),
    TitleRow("[Draft] The Unfinished Bridge", "", "ja", "safe", "ongoing", None, None, "Aoi Minase", "Aoi Minase", "", state="draft"),
    TitleRow("Submitted Yesterday", "昨日の投稿", "ja", "safe", "ongoing", None, 2024, "Test Author", "Test Artist", "", state="submitted"),
    TitleRow("Markup [bold]Hero[/bold] & the <b>Angle</b> Brackets", "「角括弧」の勇者", "ja", "safe", "ongoing", "shounen", 2020, "Haru Nomura", "Haru Nomura", "Comedy,Meta"),
    TitleRow("0 to 60", "", "en", "safe", "cancelled", None, 2015, "T. Brandt", "T. Brandt", "Sports"),
    TitleRow("กลางทะเลหมอก", "", "th", "safe", "ongoing", None, 2022, "Niran Suksai", "Niran Suksai", "Adventure", "In a Sea of Fog", name_language="th"),
    TitleRow("رسائل من الميناء", "", "ar", "safe", "ongoing", None, 2023, "Layla Haddad", "Layla Haddad", "Drama", "Letters from the Harbour", name_language="ar"),
)
