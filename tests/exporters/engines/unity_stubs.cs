// As much of Unity's API as the exported importer calls, so that a compiler can hold it to that; and
// a program that prints what the importer reads of visemes: frames, then the weights of each.
using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;

namespace UnityEngine
{
    public class Object { }
    public class SkinnedMeshRenderer : Object { }
    public struct Keyframe { public Keyframe(float time, float value, float left, float right) { } }
    public class AnimationCurve { public AnimationCurve(params Keyframe[] keys) { } }
    public class AnimationClip : Object
    {
        public float frameRate;
        public void ClearCurves() { }
        public void SetCurve(string path, Type type, string property, AnimationCurve curve) { }
    }
    public static class JsonUtility { public static T FromJson<T>(string text) { return default(T); } }
    public static class Debug { public static void LogError(object message) { } }
}

namespace UnityEditor
{
    using UnityEngine;
    public class MenuItem : Attribute { public MenuItem(string path) { } }
    public class AssetImporter : UnityEngine.Object
    {
        public static AssetImporter GetAtPath(string path) { return null; }
        public void SaveAndReimport() { }
    }
    public class AudioImporter : AssetImporter { public bool forceToMono, loadInBackground; }
    public static class AssetDatabase
    {
        public static void SaveAssets() { }
        public static string AssetPathToGUID(string path) { return ""; }
        public static T LoadAssetAtPath<T>(string path) where T : UnityEngine.Object { return null; }
        public static void CreateAsset(UnityEngine.Object asset, string path) { }
    }
    public static class EditorUtility { public static void SetDirty(UnityEngine.Object asset) { } }
    public static class AnimationUtility
    {
        public enum TangentMode { Linear }
        public static void SetKeyLeftTangentMode(AnimationCurve curve, int key, TangentMode mode) { }
        public static void SetKeyRightTangentMode(AnimationCurve curve, int key, TangentMode mode) { }
    }
}

namespace UnityEditor.AddressableAssets.Settings
{
    public class AddressableAssetGroup { }
    public class AddressableAssetEntry { public string address; }
    public class AddressableAssetSettings
    {
        public AddressableAssetGroup FindGroup(string name) { return null; }
        public AddressableAssetGroup CreateGroup(
            string name, bool isDefault, bool isReadOnly, bool post, object schemas) { return null; }
        public AddressableAssetEntry CreateOrMoveEntry(string guid, AddressableAssetGroup group) { return null; }
    }
}

namespace UnityEditor.AddressableAssets
{
    public static class AddressableAssetSettingsDefaultObject
    {
        public static Settings.AddressableAssetSettings Settings;
    }
}

public static class Program
{
    public static void Main(string[] words)
    {
        BindingFlags hidden = BindingFlags.NonPublic | BindingFlags.Static;
        MethodInfo frames = typeof(Voicepipe.Importer).GetMethod("Frames", hidden);
        object found = frames.Invoke(null, new object[] { File.ReadAllText(words[0]) });
        foreach (float[] row in (List<float[]>)found)
        {
            Console.WriteLine(string.Join(" ", Array.ConvertAll(row, one => one.ToString("0.000"))));
        }
    }
}
