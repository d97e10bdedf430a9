"""What the demo data says. Names and talk as companies in Seoul, Osaka and London would have them."""

Talk = list[tuple[str, str]]
# account, name, title, department, handle, phone
Staff = tuple[str, str, str, str, str, str]

COMPANIES: dict[str, tuple[str, str, str, list[Staff]]] = {
    "alpha": (
        "Alpha Trading",
        "en",
        "Asia/Seoul",
        [
            ("admin", "Park Eunji", "IT Manager", "Management", "park.eunji", "+82 2-555-0100"),
            ("member1", "Kim Minseo", "Logistics Lead", "Logistics", "kim.minseo", "+82 2-555-0111"),
            ("member2", "Lee Jiho", "Buyer", "Purchasing", "lee.jiho", "+82 2-555-0112"),
            ("member3", "최수아", "대리", "Purchasing", "choi.sua", "+82 2-555-0113"),
            ("member4", "정도윤", "과장", "Logistics", "jung.doyun", "+82 2-555-0114"),
            ("member5", "Han Yuna", "Sales Manager", "Sales", "han.yuna", "+82 2-555-0115"),
        ],
    ),
    "beta": (
        "Beta Works",
        "en",
        "Asia/Tokyo",
        [
            ("admin", "Yamada Kenji", "General Affairs", "Management", "yamada.kenji", "+81 6-5550-0100"),
            ("member1", "Sato Yui", "Export Coordinator", "Export", "sato.yui", "+81 6-5550-0111"),
            ("member2", "Ito Haruka", "Export Specialist", "Export", "ito.haruka", "+81 6-5550-0112"),
            ("member3", "鈴木 大輔", "課長", "Warehouse", "suzuki.daisuke", "+81 6-5550-0113"),
            ("member4", "高橋 美咲", "主任", "Sales", "takahashi.misaki", "+81 6-5550-0114"),
            ("member5", "Nakamura Ren", "Planner", "Warehouse", "nakamura.ren", "+81 6-5550-0115"),
        ],
    ),
    "gamma": (
        "Gamma Customs",
        "en",
        "Europe/London",
        [
            ("admin", "Emma Clarke", "Office Manager", "Management", "emma.clarke", "+44 20 5550 0100"),
            ("member1", "Tran Nam", "Customs Broker", "Customs", "tran.nam", "+44 20 5550 0111"),
            ("member2", "Oliver Bennett", "Account Manager", "Clients", "oliver.bennett", "+44 20 5550 0112"),
            ("member3", "Priya Shah", "Compliance Officer", "Customs", "priya.shah", "+44 20 5550 0113"),
            ("member4", "Tom Wilson", "Broker", "Customs", "tom.wilson", "+44 20 5550 0114"),
            ("member5", "Grace Evans", "Analyst", "Clients", "grace.evans", "+44 20 5550 0115"),
        ],
    ),
}

OUTSIDE: list[tuple[str, str, Talk]] = [
    (
        "member1@alpha",
        "member2@beta",
        [
            ("member1@alpha", "Hello Haruka, could you send me the packing list for container 4?"),
            ("member2@beta", "Of course. I will have it by **17:00** your time."),
        ],
    ),
    (
        "member1@alpha",
        "member1@beta",
        [
            ("member1@beta", "お世話になっております。納品書の最新版を共有します。"),
            ("member1@beta", "The carrier confirmed **Tuesday 09:00**. Who signs on your side?"),
            ("member1@alpha", "제가 서명하겠습니다. 하역장은 B동 2번입니다."),
            ("member1@beta", "ありがとうございます。運転手に伝えます。"),
            ("member1@alpha", "Two things for the driver:\n\n- gate code `4711`\n- call me 30 minutes before"),
            ("member1@beta", "Noted. The route is at https://example.com/route/osaka-incheon"),
            ("member1@beta", "ありがとうございます。"),
        ],
    ),
]

INSIDE: list[tuple[str, str, Talk]] = [
    (
        "member1@alpha",
        "member2@alpha",
        [
            ("member2@alpha", "점심 같이 하실래요?"),
            ("member1@alpha", "좋아요, 12시에 로비에서 봐요."),
            ("member2@alpha", "견적서 올렸습니다"),
        ],
    ),
    (
        "member1@alpha",
        "member3@alpha",
        [("member3@alpha", "지난주 입고 수량을 다시 확인했습니다. *맞습니다.*")],
    ),
    (
        "member1@beta",
        "member3@beta",
        [("member3@beta", "倉庫の準備ができました。"), ("member1@beta", "了解です。明日の朝、確認に行きます。")],
    ),
]

GROUP: tuple[str, str, list[str], Talk] = (
    "Osaka launch",
    "member1@alpha",
    ["member2@alpha", "member1@beta", "member2@beta"],
    [
        ("member1@alpha", "Welcome, everyone. This room is for the Osaka launch on **2 December**."),
        ("member2@beta", "よろしくお願いいたします。"),
        ("member2@alpha", "Stand plans are with the printer. Proofs on Thursday."),
        ("member1@beta", "> Proofs on Thursday\n\nPerfect, then we can order the banners on Friday."),
    ],
)
