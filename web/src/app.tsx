export function App() {
  return <main><h1>Vigil</h1></main>;
}
