# Asks Godot which sound it loads for each line in each locale, and writes: locale, line, seconds,
# the line's text. Usage: godot --path GAME -s check_voices.gd OUTPUT BASE_LOCALE LOCALE …
extends SceneTree

func _init():
	var words = Array(OS.get_cmdline_args())
	words = words.slice(words.size() - 5, words.size() - 1)
	var file = File.new()
	file.open("res://voices/voices.json", File.READ)
	var voices = JSON.parse(file.get_as_text()).result
	file.close()
	file.open(words[0], File.WRITE)
	for locale in words.slice(2, 4):
		TranslationServer.set_locale(locale)
		for line in voices:
			var path = "res://voices/%s/%s" % [words[1], voices[line]]
			var stream = ResourceLoader.load(path, "", true)
			var seconds = stream.get_length() if stream else -1.0
			var text = TranslationServer.translate(line)
			file.store_line("%s\t%s\t%.6f\t%s" % [locale, line, seconds, text])
	file.close()
	quit()
