# emitter/
