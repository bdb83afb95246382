"""Running the project's own code: in processes of their own, with limits, and with no secret in their environment."""

from mlci.processes.command import run_command
from mlci.processes.ends import Ended, Kind, Limits, WorkerFailed
from mlci.processes.environment import worker_environment
from mlci.processes.worker import Worker

__all__ = ["Ended", "Kind", "Limits", "Worker", "WorkerFailed", "run_command", "worker_environment"]
