"""The configuration file: each fault stops the start with the key's name and what to do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.errors import ConfigError
from infra.queue import open_queue
from infra.settings import Settings, Site, cookie_secret, load, pay_again, require, require_for_serving
from infra.stores import open_store

ROOT = Path(__file__).resolve().parents[3]
PEM = "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n"
COMPLETE = """
[wechat]
app_id = "wx1"
app_secret = "s"
token = "abc"
encoding_aes_key = "{aes}"
[pay]
mch_id = "1900000001"
serial_no = "AB"
private_key = "key.pem"
api_v3_key = "{v3}"
public_key_id = "PUB_KEY_ID_1"
public_key = "key.pem"
""".format(aes="a" * 43, v3="k" * 32)


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def fault(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(written(folder, text))
    return str(caught.value)


def test_the_file_of_the_repository_is_valid_and_holds_the_contract_defaults() -> None:
    settings = load(ROOT / "config.toml")
    assert settings.site.port == 8888
    assert settings.wechat.mode == "safe"
    assert settings.database.url == f"sqlite:///{ROOT}/var/keban.db"
    assert not settings.pay.configured
    assert [button.name for button in settings.menu] == ["给我推荐", "我的课程", "更多"]


def test_every_key_of_the_file_is_the_default_so_that_it_can_be_left_out(tmp_path: Path) -> None:
    given, empty = load(ROOT / "config.toml").model_dump(), load(written(tmp_path, "")).model_dump()
    for section in ("wechat", "pay", "redis", "nlp", "log", "menu"):
        assert given[section] == empty[section], section


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[site]\nprot = 1", ["site.prot", "unknown key", "did you mean port?"]),
        ("[wechatt]\n", ["wechatt", "unknown key", "did you mean wechat?"]),
        ("[site]\nzzz = 1", ["site.zzz", "unknown key", "known here: base_url"]),
        ('[[menu]]\nname = "x"\nkeyy = "HELP"', ["keyy", "did you mean key?"]),
        ("[site]\nport = 0", ["site.port", "greater than or equal to 1"]),
        ("[site]\nport = 70000", ["site.port", "less than or equal to 65535"]),
        ('[site]\nport = "many"', ["site.port", "valid integer"]),
        ('[site]\nbase_url = "example.com"', ["site.base_url", "must begin with http:// or https://"]),
        ('[site]\ntimezone = "Mars/Base"', ["site.timezone", "is not a time zone", "Asia/Shanghai"]),
        ('[wechat]\nmode = "loose"', ["wechat.mode", "'safe', 'compatible' or 'plain'"]),
        ('[wechat]\nencoding_aes_key = "short"', ["wechat.encoding_aes_key", "43 letters and digits"]),
        ('[wechat]\napi_base = "ftp://x"', ["wechat.api_base", "must begin with http:// or https://"]),
        ('[pay]\napi_v3_key = "short"', ["pay.api_v3_key", "must be 32 bytes"]),
        ('[pay]\nnext_api_v3_key = "short"', ["pay.next_api_v3_key", "must be 32 bytes"]),
        ('[pay]\nways = ["jsapi", "alipay"]', ["pay.ways", "'jsapi', 'native' or 'h5'"]),
        ("[pay]\nways = []", ["pay.ways", "at least one way"]),
        ('[pay]\nways = ["h5", "h5"]', ["pay.ways", "none twice"]),
        ('[site]\nproxies = ["nginx"]', ["site.proxies", "nginx is no address", "10.0.0.0/8"]),
        ('[log]\nformat = "xml"', ["log.format", "'text' or 'json'"]),
        ("[site\nport = 1", ["not valid TOML", "line 1"]),
    ],
)
def test_a_fault_names_its_key_and_the_mend(tmp_path: Path, text: str, says: list[str]) -> None:
    message = fault(tmp_path, text)
    assert str(tmp_path / "config.toml") in message
    assert [part for part in says if part not in message] == [], message


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    message = fault(tmp_path, '[site]\nport = 0\n[wechat]\nmode = "x"')
    assert len(message.splitlines()) == 2


def test_a_secret_that_is_wrong_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    assert "hunter2" not in fault(tmp_path, '[pay]\napi_v3_key = "hunter2"')


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file") as caught:
        load(tmp_path / "none.toml")
    assert "--config" in caught.value.hint


def test_a_folder_instead_of_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load(path)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEBAN_SITE__PORT", "9000")
    monkeypatch.setenv("KEBAN_WECHAT__APP_SECRET", "from-the-environment")
    settings = load(written(tmp_path, '[site]\nport = 8000\n[wechat]\napp_id = "wx1"'))
    assert settings.site.port == 9000
    assert settings.wechat.app_id == "wx1"
    assert settings.wechat.app_secret.get_secret_value() == "from-the-environment"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("KEBAN_WECHATT__TOKEN", "did you mean wechat?"),
        ("KEBAN_SITE__PROT", "did you mean port?"),
    ],
)
def test_a_misspelt_name_in_the_environment_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, says: str
) -> None:
    monkeypatch.setenv(name, "1")
    assert says in fault(tmp_path, "")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("KEBAN_SITE__PORT", "abc", "KEBAN_SITE__PORT (site.port): input should be a valid integer"),
        ("KEBAN_SITE", "{", "KEBAN_SITE: is not JSON"),
    ],
)
def test_a_bad_value_in_the_environment_is_named_by_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    assert says in fault(tmp_path, "[site]\nport = 1")


@pytest.mark.parametrize("opened", [open_store, open_queue, cookie_secret])
def test_a_data_folder_that_cannot_be_made_is_told_by_its_key(
    tmp_path: Path, opened: Callable[[Settings], object]
) -> None:
    (tmp_path / "taken").write_text("a file")
    settings = load(written(tmp_path, '[site]\ndata_dir = "taken/var"'))
    with pytest.raises(ConfigError, match=r"site\.data_dir: the folder .* cannot be made"):
        opened(settings)


def test_relative_paths_begin_at_the_file(tmp_path: Path) -> None:
    settings = load(written(tmp_path, '[content]\npath = "my courses"\n[nlp]\nvectors = "v.txt"'))
    assert settings.content.path == tmp_path / "my courses"
    assert settings.site.data_dir == tmp_path / "var"
    assert settings.nlp.vectors == str(tmp_path / "v.txt")
    assert settings.database.url == f"sqlite:///{tmp_path}/var/keban.db"


def test_the_address_of_a_database_server_stays_as_it_is(tmp_path: Path) -> None:
    url = "postgresql+psycopg://user:p%40ss@db/keban"
    assert load(written(tmp_path, f'[database]\nurl = "{url}"')).database.url == url


def test_the_slash_at_the_end_of_an_address_is_dropped(tmp_path: Path) -> None:
    settings = load(written(tmp_path, '[site]\nbase_url = "https://example.com/"'))
    assert settings.site.base_url == "https://example.com"


def test_secrets_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(PEM)
    shown = repr(load(written(tmp_path, COMPLETE.replace('"s"', '"hunter2"'))))
    assert "hunter2" not in shown and "k" * 32 not in shown and "a" * 43 not in shown


def test_complete_settings_may_serve(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(PEM)
    require_for_serving(load(written(tmp_path, COMPLETE)))


@pytest.mark.parametrize(
    "key", ["wechat.app_id", "wechat.app_secret", "wechat.token", "wechat.encoding_aes_key", "pay.mch_id",
            "pay.serial_no", "pay.private_key", "pay.api_v3_key", "pay.public_key_id", "pay.public_key"]
)  # fmt: skip
def test_what_is_missing_for_serving_is_named_with_both_places_to_set_it(tmp_path: Path, key: str) -> None:
    (tmp_path / "key.pem").write_text(PEM)
    name = key.partition(".")[2]
    lines = [line for line in COMPLETE.splitlines() if not line.startswith(f"{name} =")]
    with pytest.raises(ConfigError) as caught:
        require_for_serving(load(written(tmp_path, "\n".join(lines))))
    variable = f"KEBAN_{key.upper().replace('.', '__')}"
    assert str(caught.value) == f"{key} is empty: set it in config.toml or as {variable}"


def test_plain_mode_needs_no_aes_key_and_no_pay_section_is_fine(tmp_path: Path) -> None:
    text = '[wechat]\napp_id = "wx1"\napp_secret = "s"\ntoken = "abc"\nmode = "plain"'
    require_for_serving(load(written(tmp_path, text)))


@pytest.mark.parametrize(("content", "says"), [(None, "No such file"), ("no key", "is not a PEM file")])
def test_a_key_file_that_is_missing_or_no_key_is_named(
    tmp_path: Path, content: str | None, says: str
) -> None:
    if content is not None:
        (tmp_path / "key.pem").write_text(content)
    with pytest.raises(ConfigError, match=says) as caught:
        require_for_serving(load(written(tmp_path, COMPLETE)))
    assert "pay.private_key" in caught.value.message and "key.pem" in caught.value.message


def test_several_missing_keys_are_told_together() -> None:
    with pytest.raises(ConfigError) as caught:
        require(Settings(), "wechat.app_id", "wechat.token")
    assert len(str(caught.value).splitlines()) == 2


def test_the_cookie_secret_is_made_once_and_kept_for_the_owner_only(tmp_path: Path) -> None:
    settings = load(written(tmp_path, ""))
    made = cookie_secret(settings)
    assert len(made) >= 32
    assert cookie_secret(settings) == made
    assert (tmp_path / "var" / "secret").stat().st_mode & 0o777 == 0o600


def test_a_cookie_secret_that_is_given_is_used(tmp_path: Path) -> None:
    settings = load(written(tmp_path, '[site]\nsecret = "mine"'))
    assert cookie_secret(settings) == "mine"
    assert not (tmp_path / "var").exists()


def test_processes_that_start_at_once_sign_with_one_secret(tmp_path: Path) -> None:
    settings = Settings(site=Site(data_dir=tmp_path))
    barrier = threading.Barrier(8)

    def read() -> str:
        barrier.wait()
        return cookie_secret(settings)

    for _ in range(10):
        with ThreadPoolExecutor(8) as pool:
            found = {future.result() for future in [pool.submit(read) for _ in range(8)]}
        assert len(found) == 1
        assert len(found.pop()) >= 32
        (tmp_path / "secret").unlink()
    assert list(tmp_path.iterdir()) == []


def test_a_cookie_secret_that_was_emptied_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("")
    with pytest.raises(ConfigError, match="too short"):
        cookie_secret(Settings(site=Site(data_dir=tmp_path)))


def test_operators_are_openids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "openid" in fault(tmp_path, '[wechat]\noperators = ["安娜"]')
    monkeypatch.setenv("KEBAN_WECHAT__OPERATORS", '["oAnna_operator"]')
    assert load(written(tmp_path, "")).wechat.operators == ["oAnna_operator"]


def test_who_has_certificates_needs_no_public_key_and_who_has_half_of_one_needs_the_other_half(
    tmp_path: Path,
) -> None:
    (tmp_path / "key.pem").write_text(PEM)
    lines = [line for line in COMPLETE.splitlines() if not line.startswith("public_key")]
    by_certificate = "\n".join([*lines, 'platform_certificates = ["key.pem"]'])
    require_for_serving(load(written(tmp_path, by_certificate)))
    with pytest.raises(ConfigError, match=r"pay\.public_key_id is empty"):
        require_for_serving(load(written(tmp_path, by_certificate + '\npublic_key = "key.pem"')))


def test_a_coming_key_needs_its_serial_and_each_file_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(PEM)
    with pytest.raises(ConfigError, match=r"pay\.next_serial_no is empty"):
        require_for_serving(load(written(tmp_path, COMPLETE + 'next_private_key = "key.pem"')))
    with pytest.raises(ConfigError, match=r"pay\.platform_certificates\.0: .*gone\.pem"):
        require_for_serving(load(written(tmp_path, COMPLETE + 'platform_certificates = ["gone.pem"]')))


def test_pay_is_read_again_from_the_file_it_came_from(tmp_path: Path) -> None:
    first = load(written(tmp_path, COMPLETE))
    written(tmp_path, COMPLETE.replace('serial_no = "AB"', 'serial_no = "CD"'))
    again = pay_again(first)
    assert (first.pay.serial_no, again.pay.serial_no) == ("AB", "CD")
    assert pay_again(again).pay == again.pay


def test_pay_that_did_not_come_from_a_file_is_not_read_from_one(tmp_path: Path) -> None:
    """As the demo's: its keys are the pretend platform's, whatever the file says."""
    loaded = load(written(tmp_path, COMPLETE))
    others = loaded.model_copy(update={"pay": loaded.pay.model_copy(update={"serial_no": "EF"})})
    assert pay_again(others).pay.serial_no == "EF" and others.file is None
