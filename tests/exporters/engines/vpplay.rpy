# Plays the story without a window: what is said is written down with the voice file that plays, and
# menus are answered from a list of numbers (the first option when it is used up).
init python:
    import io

    def vpplay():
        parser = renpy.arguments.ArgumentParser(description="Play the story.")
        parser.add_argument("output")
        parser.add_argument("answers")
        parser.add_argument("language", nargs="?")
        asked = parser.parse_args()
        answers = [int(one) for one in asked.answers.split(",") if one]
        renpy.game.preferences.language = asked.language or None
        rows = []

        def said(who, what, *args, **kwargs):
            context = renpy.game.context()
            info = VoiceInfo()
            rows.append("\t".join(["say", context.translate_identifier or "", info.filename or ""]))

        def chosen(items, *args, **kwargs):
            open_ones = [one for one in items if renpy.python.py_eval(one[1])]
            number = answers.pop(0) if answers else 1
            rows.append("\t".join(["menu", str(len(open_ones)), open_ones[number - 1][0]]))
            return items.index(open_ones[number - 1])

        renpy.exports.execute_default_statement(True)
        renpy.exports.say = said
        renpy.exports.menu = chosen
        renpy.call_in_new_context("start")
        with io.open(asked.output, "w", encoding="utf-8") as stream:
            stream.write("\n".join(rows) + "\n")
        return False

    renpy.arguments.register_command("vpplay", vpplay)
