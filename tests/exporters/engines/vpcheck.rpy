# Asks Ren'Py itself, for every say statement in every language, which voice file it plays and which
# text it shows: language, identifier, file, text.
init python:
    import io

    def vpcheck():
        parser = renpy.arguments.ArgumentParser(description="Resolve every voice.")
        parser.add_argument("output")
        output = parser.parse_args().output
        translator = renpy.game.script.translator
        rows = []
        for language in [None] + sorted(renpy.known_languages()):
            renpy.game.preferences.language = language
            for identifier in sorted(translator.default_translates):
                context = renpy.game.context()
                context.translate_identifier = identifier
                context.alternate_translate_identifier = None
                context.deferred_translate_identifier = None
                name = VoiceInfo().filename or ""
                paths = [prefix + name for prefix in renpy.loader.get_prefixes()]
                path = next((one for one in paths if name and renpy.loader.loadable_core(one)), "")
                if path:
                    renpy.loader.load(name).close()
                said = translator.lookup_translate(identifier)
                text = renpy.substitutions.substitute(said.what)[0]
                rows.append("\t".join([language or "", identifier, path, text]))
        with io.open(output, "w", encoding="utf-8") as stream:
            stream.write("\n".join(rows) + "\n")
        return False

    renpy.arguments.register_command("vpcheck", vpcheck)
