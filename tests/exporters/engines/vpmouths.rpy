# Asks Ren'Py, for every voice file of every language, which shapes its speaker's mouth has:
# language, speaker, file, then a shape for every twentieth of a second.
init python:
    import io

    def vpmouths():
        parser = renpy.arguments.ArgumentParser(description="Show every mouth.")
        parser.add_argument("output")
        parser.add_argument("asked", nargs="+")
        words = parser.parse_args()
        rows = []
        for language in [None] + sorted(renpy.known_languages()):
            renpy.game.preferences.language = language
            for asked in words.asked:
                speaker, name, seconds = asked.split(":")
                count = int(float(seconds) * 20) + 1
                shapes = [voicepipe.shape_at(speaker, name, one / 20.0) for one in range(count)]
                rows.append("\t".join([language or "", speaker, name, "".join(shapes)]))
        voicepipe.Mouth("ann")
        rows.append("\t".join(["", "", "", voicepipe.shape("ann")]))
        with io.open(words.output, "w", encoding="utf-8") as stream:
            stream.write("\n".join(rows) + "\n")
        return False

    renpy.arguments.register_command("vpmouths", vpmouths)
