"""The embedded engine: the text model in a worker thread of this process.

interpreter = await EmbeddedInterpreter.load(nlu_data=..., data_dir=..., progress=...)   # trains when stale
reading = await interpreter.parse("我要退货")
await interpreter.close()
"""
