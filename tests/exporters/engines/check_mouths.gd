# Asks Godot for the animation of each line's mouth in each locale, and writes: locale, line, and
# the seconds and frames of its keys. Usage: godot --path GAME -s check_mouths.gd OUTPUT LOCALE …
extends SceneTree

func _init():
	var words = Array(OS.get_cmdline_args())
	words = words.slice(words.find("check_mouths.gd") + 1, words.size() - 1)
	var mouths = load("res://voices/mouths.gd")
	var output = File.new()
	output.open(words[0], File.WRITE)
	for locale in words.slice(1, words.size() - 1):
		TranslationServer.set_locale(locale)
		for line in mouths.read("res://voices/timed.json"):
			var made = mouths.animation(line)
			var keys = []
			for key in made.track_get_key_count(0):
				keys.append("%.2f=%d" % [made.track_get_key_time(0, key), made.track_get_key_value(0, key)])
			output.store_line("%s\t%s\t%s" % [locale, line, PoolStringArray(keys).join(" ")])
	output.close()
	quit()
