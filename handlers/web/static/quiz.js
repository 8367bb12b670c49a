// Questions to check oneself with. Without this script they are read, and the answer opens below them.
(function () {
  "use strict";
  var text = document.querySelector("[data-check]");
  if (!text) return;
  var says = text.dataset;
  var count = 0;

  function each(list, act) { Array.prototype.forEach.call(list, act); }

  function made(tag, name, words) {
    var element = document.createElement(tag);
    if (name) element.className = name;
    if (words) element.textContent = words;
    return element;
  }

  // A list item becomes a labelled box or button; its words stay as they are.
  function choice(item, group, many) {
    var label = made("label", "quiz-option");
    var input = made("input");
    var words = made("span");
    input.type = many ? "checkbox" : "radio";
    input.name = group;
    while (item.firstChild) words.appendChild(item.firstChild);
    label.appendChild(input);
    label.appendChild(words);
    item.appendChild(label);
    return { item: item, label: label, input: input, right: item.hasAttribute("data-right") };
  }

  // Colour alone would not be seen by everyone.
  function sign(one) {
    var is = one.right ? "is-right" : one.input.checked ? "is-wrong" : "";
    if (!is) return;
    one.item.classList.add(is);
    one.label.appendChild(made("span", "quiz-sign", one.right ? says.isRight : says.isWrong));
  }

  function unsign(one) {
    one.item.classList.remove("is-right", "is-wrong");
    var shown = one.label.querySelector(".quiz-sign");
    if (shown) shown.remove();
  }

  function verdict(choices) {
    var chosen = choices.filter(function (one) { return one.input.checked; });
    var hits = chosen.filter(function (one) { return one.right; }).length;
    var wanted = choices.filter(function (one) { return one.right; }).length;
    if (hits === chosen.length && hits === wanted) return "right";
    return hits > 0 && hits === chosen.length ? "partly" : "wrong";
  }

  function begin(question) {
    var many = question.dataset.kind === "many";
    var group = "quiz-" + (count += 1);
    var choices = [];
    each(question.querySelectorAll(".quiz-options > li"), function (item) {
      choices.push(choice(item, group, many));
    });
    var answer = question.querySelector(".quiz-answer");
    if (!choices.length || !answer) return;
    var foot = made("div", "quiz-foot");
    var button = made("button", "button", says.check);
    var said = made("p", "quiz-said");
    button.type = "button";
    button.disabled = true;
    said.setAttribute("role", "status");
    foot.appendChild(button);
    foot.appendChild(said);
    question.insertBefore(foot, question.querySelector(".quiz-hint") || answer);
    answer.hidden = true;

    function tell(found) {
      said.textContent = found ? says[found] : "";
      said.classList.toggle("is-off", found === "wrong" || found === "partly");
    }

    function close(found) {
      choices.forEach(function (one) { sign(one); one.input.disabled = true; });
      answer.hidden = false;
      answer.open = true;
      button.textContent = says.again;
      tell(found);
    }

    function open() {
      choices.forEach(function (one) { unsign(one); one.input.disabled = false; one.input.checked = false; });
      answer.hidden = true;
      answer.open = false;
      button.textContent = says.check;
      button.disabled = true;
      tell("");
      choices[0].input.focus();
    }

    function isShown() { return !answer.hidden; }

    question.addEventListener("change", function () {
      button.disabled = !choices.some(function (one) { return one.input.checked; });
      tell("");
    });
    button.addEventListener("click", function () {
      if (isShown()) return open();
      var found = verdict(choices);
      // Half of the right ones is worth another look before the answer is shown.
      return found === "partly" ? tell(found) : close(found);
    });
  }

  each(document.querySelectorAll("[data-quiz]"), function (quiz) {
    quiz.classList.add("on");
    each(quiz.querySelectorAll("fieldset"), begin);
  });
})();
