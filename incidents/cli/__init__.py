"""The command line: ``incidents``. It holds no SQL and no rules; it calls the same functions as any face."""
