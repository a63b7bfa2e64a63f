"""Prove that a process or socket is the rig's own before anything is done to it.

A pid is a number that the kernel gives out again, and a socket a name that anybody can make. So each
is proven from /proc in the moment of the blow: the process descends from the rig and lives in its
folder; the socket is held by such a process.
"""

from __future__ import annotations

import os
from pathlib import Path

import psutil

MARK = "HUB_HOME"


class NotOursError(AssertionError):
    """Something is not the rig's own, so it is left alone."""


def prove_process(pid: int, folders: tuple[Path, ...]) -> psutil.Process:
    """Return the process if it is a descendant of this one that lives in one of ``folders``.

    It lives there if its HUB_HOME, its working folder or an argument says so. Raises NotOursError.
    """
    try:
        process = psutil.Process(pid)
        ancestors = [parent.pid for parent in process.parents()]
        said = [process.environ().get(MARK, ""), process.cwd(), *process.cmdline()]
    except psutil.Error as error:
        raise NotOursError(f"process {pid} cannot be looked at: {error}") from error
    if os.getpid() not in ancestors:
        raise NotOursError(f"process {pid} ({process.name()}) was not started by this rig")
    if not any(str(folder) in word for folder in folders for word in said):
        raise NotOursError(f"process {pid} ({process.name()}) does not live in the rig's folder")
    return process


def prove_socket(where: Path | int, folders: tuple[Path, ...]) -> psutil.Process:
    """Return the process that listens at a socket's path or a port of this machine, if it is the rig's own.

    Raises NotOursError.
    """
    for child in psutil.Process().children(recursive=True):
        try:
            connections = child.net_connections(kind="unix" if isinstance(where, Path) else "tcp")
        except psutil.Error:
            continue  # it has just ended, so it holds nothing
        for held in connections:
            if isinstance(where, Path):
                found = str(held.laddr) == str(where)  # psutil's types know only addresses of a network
            else:
                found = held.status == psutil.CONN_LISTEN and bool(held.laddr) and held.laddr.port == where
            if found:
                return prove_process(child.pid, folders)
    raise NotOursError(f"nobody of this rig listens at {where}")
