/* Playing sounds, and drawing what they look like. */
"use strict";
voicepipeReview.sound = (() => {
  const R = voicepipeReview;
  const audio = document.getElementById("audio");
  const PLAYED_DB = 40;
  let current = null;
  let pending = 0;
  let onChange = () => {};
  let onFault = () => {};

  function bytesOf(text) { return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)); }

  /* How loud to play a sound so that it is as loud as the quietest of those it is compared with. */
  function gainOf(sound, among) {
    const measured = among.map((one) => one.lufs).filter((lufs) => typeof lufs === "number");
    if (typeof sound.lufs !== "number" || measured.length < 2) return 1;
    const down = Math.min(PLAYED_DB, Math.max(0, sound.lufs - Math.min(...measured)));
    return 10 ** (-down / 20);
  }

  function load(sound, among) {
    if (!sound) { stop(); current = null; return; }
    if (!current || current.sha !== sound.sha) {
      audio.src = sound.file;
      current = sound;
    }
    audio.volume = gainOf(sound, among || [sound]);
  }

  function play(sound, among) {
    load(sound, among);
    if (!sound) return;
    const mine = ++pending;
    audio.play().catch((error) => {
      if (mine === pending && error.name !== "AbortError") onFault(error);
    });
  }

  function stop() {
    pending += 1;
    audio.pause();
  }

  function toggle(sound, among) {
    if (current && sound && current.sha === sound.sha && !audio.paused) stop();
    else play(sound, among);
  }

  function seek(fraction) {
    if (current) audio.currentTime = fraction * (audio.duration || current.s);
  }

  /* Pictures */

  function sized(canvas) {
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * scale));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * scale));
    return canvas.getContext("2d");
  }

  function drawWave(canvas, peaks) {
    const pen = sized(canvas);
    const { width, height } = canvas;
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = getComputedStyle(canvas).getPropertyValue("--wave").trim();
    const values = bytesOf(peaks);
    const step = width / values.length;
    values.forEach((value, at) => {
      const tall = Math.max(1, (value / 255) * (height - 4));
      pen.fillRect(at * step, (height - tall) / 2, Math.max(1, step * 0.72), tall);
    });
  }

  /* From black over violet and orange to white, as spectrograms are mostly shown. */
  function colour(level) {
    const x = level / 15;
    const red = 255 * Math.min(1, Math.max(0, 1.6 * x - 0.15));
    const green = 255 * Math.min(1, Math.max(0, 1.7 * x - 0.65));
    const blue = 255 * Math.min(1, Math.max(0, x < 0.5 ? 0.06 + 1.1 * x : 1.06 - 0.95 * x + (x > 0.8 ? 3.6 * (x - 0.8) : 0)));
    return [red, green, blue];
  }

  function drawSpectrogram(canvas, packed) {
    const { bands, columns } = R.config;
    const bytes = bytesOf(packed);
    const small = document.createElement("canvas");
    small.width = columns;
    small.height = bands;
    const image = small.getContext("2d").createImageData(columns, bands);
    for (let at = 0; at < bands * columns; at += 1) {
      const level = at % 2 ? bytes[at >> 1] & 15 : bytes[at >> 1] >> 4;
      const place = ((bands - 1 - (at % bands)) * columns + Math.floor(at / bands)) * 4;
      const [red, green, blue] = colour(level);
      image.data.set([red, green, blue, 255], place);
    }
    small.getContext("2d").putImageData(image, 0, 0);
    const pen = sized(canvas);
    pen.imageSmoothingEnabled = true;
    pen.drawImage(small, 0, 0, canvas.width, canvas.height);
  }

  function draw(wave, spectrogram, sound) {
    R.withPicture(sound.sha, (picture) => {
      if (!wave.isConnected || !picture.peaks) return;
      drawWave(wave, picture.peaks);
      drawSpectrogram(spectrogram, picture.spectrogram);
    });
  }

  for (const name of ["play", "pause", "ended", "loadedmetadata"]) {
    audio.addEventListener(name, () => onChange());
  }
  audio.addEventListener("error", () => { if (current) onFault(new Error("the sound's file cannot be played")); });

  return {
    load, play, stop, toggle, seek, draw, gainOf,
    get current() { return current; },
    get playing() { return !audio.paused && !audio.ended; },
    get fraction() { return current ? audio.currentTime / (audio.duration || current.s || 1) : 0; },
    set onChange(then) { onChange = then; },
    set onFault(then) { onFault = then; },
  };
})();
