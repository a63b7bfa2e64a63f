"""Which passwords are taken, and how they are kept."""

from __future__ import annotations

import pytest

from hub.accounts.proofs import hash_password, is_password, new_token, secret_hash
from hub.accounts.rules import demand_good_password
from hub.errors import Invalid


@pytest.mark.parametrize(
    "password",
    [
        "",
        "pendek123",
        "x" * 129,
        "aaaaaaaaaaaa",
        "abababababab",
        "password123456",
        "PassWord123456",
        "indonesiaraya",
        "Indonesia Raya",
        "lapas-rutan-2024",
        "Kemenkumham-12",
        "kemenkumham123",
        "lapaspurwokerto",
        "sekar.wijayanti",
        "sekarwijayanti1",
        "tab\tkunci-rahasia-x",
        "nul\x00kunci-rahasia-x",
        "kunci-rahasia-x\n",
        "\ud800kunci-yang-panjang",
    ],
)
def test_a_weak_password_is_refused(password: str) -> None:
    about = ("Sekar Wijayanti", "sekar.wijayanti@example.id", "Purwokerto")
    with pytest.raises(Invalid) as caught:
        demand_good_password(password, about=about)
    assert list(caught.value.fields) == ["password"]


@pytest.mark.parametrize(
    "password",
    [
        "telaga-biru-pagi-ini",
        "kopi susu empat gelas",
        "q9$Vw2!mZr7#",
        "rumah-dekat-lapas-itu-hijau",
        "ć" * 6 + "łódźka",
    ],
)
def test_a_good_password_is_taken(password: str) -> None:
    demand_good_password(password, about=("Sekar Wijayanti", "sekar.wijayanti@example.id"))


def test_a_password_is_kept_as_an_argon2id_hash() -> None:
    kept = hash_password("telaga-biru-pagi-ini")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert is_password("telaga-biru-pagi-ini", kept)
    assert not is_password("telaga-biru-pagi-itu", kept)
    assert not is_password("telaga-biru-pagi-ini", None)
    assert not is_password("telaga-biru-pagi-ini", "not a hash")


def test_a_token_says_what_it_is_and_carries_256_bits() -> None:
    token = new_token()
    assert token.startswith("hub_")
    assert len(token) == 4 + 43
    assert len(secret_hash(token)) == 32
    assert token != new_token()
