"""Jobs and the processes that run them: `python -m workers.run` and `python -m workers.cron`."""
