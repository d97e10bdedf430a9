// @ts-check
import js from "@eslint/js";
import globals from "globals";

// Beyond the recommended rules: what hides a fault, or a binding that nobody meant.
const rules = {
  "array-callback-return": "error",
  "consistent-return": "error",
  "default-case-last": "error",
  eqeqeq: "error",
  // Counting the characters of a text walks over them without looking at them; a method that others override has names.
  "no-unused-vars": ["error", { varsIgnorePattern: "^_$", argsIgnorePattern: "^_" }],
  "no-constructor-return": "error",
  "no-eval": "error",
  "no-extend-native": "error",
  "no-implicit-coercion": ["error", { boolean: true, number: true, string: true }],
  "no-implicit-globals": "error",
  "no-implied-eval": "error",
  // What arrives and cannot be used is worth a warning in the console; nothing else writes there.
  "no-console": ["error", { allow: ["warn"] }],
  "no-new-wrappers": "error",
  "no-promise-executor-return": "error",
  "no-self-compare": "error",
  "no-sequences": "error",
  "no-shadow": ["error", { builtinGlobals: false }],
  "no-template-curly-in-string": "error",
  "no-unmodified-loop-condition": "error",
  "no-unreachable-loop": "error",
  "no-unused-expressions": "error",
  "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
  "no-useless-return": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "prefer-promise-reject-errors": "error",
  "require-await": "error",
};

export default [
  { ignores: [".data/", ".venv/", "staticfiles/", "**/*.min.js"] },
  js.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: "error" }, rules },
  { files: ["static/js/**/*.js"], languageOptions: { globals: globals.browser } },
  // Runs before the first paint, which a module cannot.
  { files: ["static/js/details/restore-panel.js"], languageOptions: { sourceType: "script" } },
  { files: ["*.config.js"], languageOptions: { globals: globals.node } },
  {
    files: ["tests/js/**/*.js"],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    // What stands for something that takes time promises to, and takes none.
    rules: { "require-await": "off" },
  },
];
