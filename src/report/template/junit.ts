export const junit = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="{{name}}" tests="{{tests}}" failures="{{failures}}" errors="{{errors}}" skipped="{{skipped}}" time="{{seconds}}">
{{#each suites}}
  <testsuite name="{{name}}" tests="{{tests}}" failures="{{failures}}" errors="{{errors}}" skipped="{{skipped}}" time="{{seconds}}" timestamp="{{timestamp}}">
{{#each cases}}
    <testcase classname="{{classname}}" name="{{name}}" time="0">
{{#if failed}}      <failure message="{{message}}" type="{{check}}">{{text}}</failure>
{{/if}}{{#if unclear}}      <error message="{{message}}" type="{{check}}">{{text}}</error>
{{/if}}{{#if notRun}}      <skipped message="{{message}}"/>
{{/if}}    </testcase>
{{/each}}
  </testsuite>
{{/each}}
</testsuites>
`;
