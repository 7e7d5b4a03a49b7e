# Runs the cases of main.c on a board, or under QEMU with --embedded-services idf,qemu.
import pytest
from pytest_embedded import Dut


@pytest.mark.generic
@pytest.mark.parametrize("config", ["default", "no_iram", "poisoned"], indirect=True)
def test_memmap(dut: Dut) -> None:
    dut.run_all_single_board_cases(timeout=60)
