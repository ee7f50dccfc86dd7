"""What a service needs of the broker: the topics that it writes and reads, and no others (PLT-13)."""

from chassis.publishing.topics import needed, options


def test_a_service_needs_what_it_publishes_and_what_it_consumes():
    found = needed("catalog", "x.", ["TenantOpened"])
    assert [topic.name for topic in found] == [
        "x.CouponOffered",
        "x.ProductPublished",
        "x.ProductWithdrawn",
        "x.TenantOpened",
        "x.dead.catalog",
    ]


def test_a_topic_is_told_as_the_brokers_own_program_takes_it():
    dead = needed("catalog", "", [])[-1]
    assert options(dead) == (
        "--create --if-not-exists --topic dead.catalog"
        " --config retention.ms=31536000000 --config message.timestamp.type=LogAppendTime"
    )
